import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { parse } from 'yaml';
import { startMisbehaving } from './misbehaving.js';
import type { MisbehavingServer } from './misbehaving.js';
import { refusedResponses, unknownResponses } from './misbehaving/authorizationResponse.js';
import { missingDiscovery } from './misbehaving/discovery.js';
import { acceptedIdTokens, refusedIdTokens } from './misbehaving/idTokenBends.js';
import { redirectedTo, transientTokenFaults, unusableTokenAnswers } from './misbehaving/tokenBends.js';
import { createPlainClient } from './plainClient.js';
import type { Attempt, PlainClient } from './plainClient.js';
import { redirectReply } from './reply.js';
import { send } from './transport.js';
import type { Answer } from './transport.js';

const redirectUri = 'http://localhost:1/connect/acme/callback';
let server: MisbehavingServer;
let client: PlainClient;
let time = Date.now();

beforeAll(async () => {
  server = await startMisbehaving({ issParameter: true, now: () => time });
  const endpoints = { authorization: `${server.base}/authorize`, token: `${server.base}/token` };
  client = createPlainClient({ endpoints, redirectUri, ...server.options });
});
afterAll(() => server.close());
beforeEach(() => {
  time = Date.now();
  server.reset();
});

const get = (url: URL | string, headers = {}) => send({ method: 'GET', url: new URL(url), headers });

interface Tokens {
  access_token: string;
  refresh_token: string;
  id_token: string;
}

async function authorize(
  changes?: Record<string, string | null>,
): Promise<{ attempt: Attempt; answer: Answer; code: string }> {
  const attempt = client.start(changes);
  const answer = await get(attempt.url);
  return { attempt, answer, code: answer.location?.searchParams.get('code') ?? '' };
}

async function tokens(): Promise<Tokens & { nonce: string }> {
  const { attempt, code } = await authorize();
  return { ...((await client.exchange(code, attempt)).json as Tokens), nonce: attempt.nonce };
}

const verify = (idToken: string) =>
  jwtVerify(idToken, createRemoteJWKSet(new URL(`${server.base}/jwks`)), {
    issuer: server.issuer,
    audience: server.options.clientId,
    algorithms: ['RS256'],
    requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
    currentDate: new Date(time),
  });

test('discovery names the issuer under which it is found, also with a path', async () => {
  const other = await startMisbehaving({ issuerPath: '/tenant/a' });
  for (const { issuer, origin } of [server, other]) {
    const path = new URL(issuer).pathname.replace(/\/$/, '');
    for (const url of [
      `${issuer}/.well-known/openid-configuration`,
      `${origin}/.well-known/oauth-authorization-server${path}`,
    ])
      expect((await get(url)).json).toMatchObject({ issuer, token_endpoint: `${issuer}/token` });
  }
  await other.close();
});

test('an authorization response carries the code, the state and the issuer', async () => {
  const { attempt, answer } = await authorize();
  expect(answer.status).toBe(302);
  expect(answer.location?.href.startsWith(redirectUri)).toBe(true);
  expect(answer.location?.searchParams.get('state')).toBe(attempt.state);
  expect(answer.location?.searchParams.get('iss')).toBe(server.issuer);
});

test('an ID token verifies and answers the nonce', async () => {
  const { id_token, nonce } = await tokens();
  const { payload } = await verify(id_token);
  expect(payload).toMatchObject({ sub: 'person-1', nonce, aud: server.options.clientId });
});

test('a code is exchanged once; the second try ends what the first one gave', async () => {
  const { attempt, code } = await authorize();
  const { access_token } = (await client.exchange(code, attempt)).json as Tokens;
  expect(server.grants.accepts(access_token)).toBe(true);
  expect(await client.exchange(code, attempt)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  expect(server.grants.accepts(access_token)).toBe(false);
  expect(server.grants.exchanges.get(code)).toBe(2);
});

test('a wrong, missing or short verifier is refused, and so is one without a challenge', async () => {
  for (const verifier of ['x'.repeat(43), '', 'short']) {
    const { code } = await authorize();
    expect(await client.exchange(code, { verifier })).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  }
  const { attempt, code } = await authorize({ code_challenge: null, code_challenge_method: null });
  expect((await client.exchange(code, attempt)).status).toBe(400);
  expect(server.tokenCalls.at(-1)?.refusal).toBe('a verifier without a challenge');
});

test('plain PKCE and doubled parameters are refused with the state', async () => {
  const plain = await authorize({ code_challenge_method: 'plain' });
  expect(plain.answer.location?.searchParams.get('error')).toBe('invalid_request');
  const attempt = client.start();
  attempt.url.searchParams.append('scope', 'more');
  const { location } = await get(attempt.url);
  expect(location?.searchParams.get('error')).toBe('invalid_request');
  expect(location?.searchParams.get('state')).toBe(attempt.state);
});

test('another redirect_uri or an expired code is refused', async () => {
  const { attempt, code } = await authorize();
  const parameters = { grant_type: 'authorization_code', code, code_verifier: attempt.verifier };
  expect((await client.token({ ...parameters, redirect_uri: `${redirectUri}/` })).json).toEqual({
    error: 'invalid_grant',
  });
  time += 61_000;
  expect((await client.exchange(code, attempt)).json).toEqual({ error: 'invalid_grant' });
});

test('a wrong secret is invalid_client, in the body and in the header', async () => {
  expect(await client.token({ grant_type: 'client_credentials', client_secret: 'no' })).toMatchObject({ status: 401 });
  const url = new URL(`${server.base}/token`);
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const basic = (secret: string) => Buffer.from(`${server.options.clientId}:${secret}`).toString('base64');
  const body = 'grant_type=client_credentials';
  const ask = (secret: string) =>
    send({ method: 'POST', url, headers: { ...type, authorization: `Basic ${basic(secret)}` }, body });
  expect((await ask('no')).json).toEqual({ error: 'invalid_client' });
  expect((await ask(server.options.clientSecret)).status).toBe(200);
  expect(server.tokenCalls.at(-1)?.authentication).toBe('client_secret_basic');
});

test('refresh tokens rotate, and one that comes again ends the family', async () => {
  const first = await tokens();
  const second = (await client.refresh(first.refresh_token)).json as Tokens;
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(decodeJwt(second.id_token)['nonce']).toBeUndefined();
  expect(server.grants.accepts(second.access_token)).toBe(true);
  expect(await client.refresh(first.refresh_token)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  expect(server.grants.accepts(second.access_token)).toBe(false);
  expect((await client.refresh(second.refresh_token)).status).toBe(400);
  expect(server.tokenCallsOf('refresh_token')).toBe(3);
});

test('without rotation the refresh token stays and is not repeated', async () => {
  server.options.rotation = false;
  const { refresh_token } = await tokens();
  const answer = (await client.refresh(refresh_token)).json as Partial<Tokens>;
  expect(answer.refresh_token).toBeUndefined();
  expect((await client.refresh(refresh_token)).status).toBe(200);
  server.options.rotation = true;
});

test('an access token ends with its lifetime, with its grant, or when told', async () => {
  const [first, second, third] = [await tokens(), await tokens(), await tokens()];
  const revocation = new URLSearchParams({
    token: second.refresh_token,
    client_id: server.options.clientId,
    client_secret: server.options.clientSecret,
  });
  await send({ method: 'POST', url: new URL(`${server.base}/revoke`), headers: {}, body: revocation.toString() });
  expect([first, second, third].map((each) => server.grants.accepts(each.access_token))).toEqual([true, false, true]);
  time += 3_600_000;
  expect(server.grants.accepts(first.access_token)).toBe(false);
  const userinfo = await get(`${server.base}/userinfo`, { authorization: `Bearer ${first.access_token}` });
  expect(userinfo.status).toBe(401);
});

test.each(Object.entries(refusedIdTokens))(
  'a bent ID token %s and fails verification or names a wrong value',
  async (_name, bend) => {
    server.bend.idToken = bend;
    const { id_token, nonce } = await tokens();
    const verified = await verify(id_token).catch(() => undefined);
    const { clientId } = server.options;
    const claims = verified?.payload;
    const right =
      claims?.['nonce'] === nonce &&
      [claims.aud].flat().join() === clientId &&
      typeof claims.sub === 'string' &&
      claims.sub !== '' &&
      (claims['azp'] ?? clientId) === clientId;
    expect(right).toBe(false);
  },
);

test.each(Object.entries(acceptedIdTokens))('an odd ID token that %s verifies', async (_name, bend) => {
  server.bend.idToken = bend;
  await expect(verify((await tokens()).id_token)).resolves.toBeDefined();
});

test('after a rotation of keys new tokens carry a new kid, and the old key stays unless it is dropped', async () => {
  const before = await tokens();
  await server.keys.rotate();
  const after = await tokens();
  expect(decodeProtectedHeader(after.id_token).kid).not.toBe(decodeProtectedHeader(before.id_token).kid);
  await verify(before.id_token);
  await server.keys.rotate({ dropOld: true });
  await expect(verify(after.id_token)).rejects.toThrow();
});

test.each(Object.entries({ ...unknownResponses, ...refusedResponses }))(
  'a bent authorization response differs from the right one: %s',
  async (_name, bend) => {
    server.bend.authorization = bend;
    const { attempt, answer, code } = await authorize();
    const right = new URL(redirectUri);
    right.search = new URLSearchParams({ code, state: attempt.state, iss: server.issuer }).toString();
    expect(answer.status).toBe(302);
    expect(answer.location?.href).not.toBe(right.href);
  },
);

test('an authorization request can be passed on to another server, with its state', async () => {
  server.bend.authorization = { reply: (request) => redirectReply(`https://another.test/?${request.toString()}`) };
  const { attempt, answer } = await authorize();
  expect(answer.location?.host).toBe('another.test');
  expect(answer.location?.searchParams.get('state')).toBe(attempt.state);
});

test('two keys are published while a token has no kid, and only the second one verifies it', async () => {
  await server.keys.rotate();
  server.bend.idToken = { header: { kid: undefined } };
  const { id_token } = await tokens();
  const works = await Promise.all(
    server.keys.published.slice(-2).map(async ({ jwk }) =>
      jwtVerify(id_token, await importJWK(jwk, 'RS256'), { currentDate: new Date(time) }).then(
        () => true,
        () => false,
      ),
    ),
  );
  expect(works).toEqual([false, true]);
});

test('a form_post response is a page with a form for the callback', async () => {
  server.bend.authorization = { mode: 'form_post' };
  const { answer } = await authorize();
  expect(answer.text).toContain(`action="${redirectUri}"`);
  expect(answer.text).toContain('name="code"');
});

test.each(Object.entries({ ...transientTokenFaults, ...unusableTokenAnswers }))(
  'a token fault arrives as %s, and the refresh token still works after it',
  async (_name, bend) => {
    const { refresh_token } = await tokens();
    server.bend.token = { ...bend, times: 1 };
    const faulty = await client.refresh(refresh_token).catch(() => undefined);
    if (bend.body)
      expect(faulty?.json).not.toMatchObject({
        token_type: 'Bearer',
        access_token: expect.stringMatching(/^at_[\w-]{32}$/),
        expires_in: 3600,
        padding: undefined,
      });
    else expect(faulty?.status === 200 && faulty.text.includes('refresh_token')).toBe(false);
    if (bend.reply) expect((await client.refresh(refresh_token)).status).toBe(200);
  },
);

test('an answer that is lost on the way has spent the refresh token', async () => {
  const { refresh_token } = await tokens();
  server.bend.token = { on: 'refresh_token', times: 1, reply: { instead: 'cut' }, spend: true };
  await expect(client.refresh(refresh_token)).rejects.toThrow();
  expect((await client.refresh(refresh_token)).json).toEqual({ error: 'invalid_grant' });
});

test('a token call can be held until the test lets it go, and sent elsewhere', async () => {
  let release: (value?: unknown) => void = () => undefined;
  server.bend.token = { wait: new Promise((resolve) => (release = resolve)) };
  const pending = client.token({ grant_type: 'client_credentials' });
  release();
  expect((await pending).status).toBe(200);
  server.bend.token = redirectedTo('http://127.0.0.1:1/token');
  expect(await client.token({ grant_type: 'client_credentials' })).toMatchObject({ status: 307 });
});

test('discovery can be missing for a while', async () => {
  server.bend.discovery = missingDiscovery(2);
  const ask = () => get(`${server.issuer}/.well-known/openid-configuration`);
  expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([404, 404, 200]);
  expect(server.calls.discovery).toBe(3);
});

test('the provider file names this server', () => {
  expect(parse(server.providerFile({ id: 'my-acme' }))).toMatchObject({ id: 'my-acme', issuer: server.issuer });
  expect(Object.keys(server.environment('my-acme'))).toEqual(['MY_ACME_CLIENT_ID', 'MY_ACME_CLIENT_SECRET']);
  expect(parse(server.providerFile({ protocol: 'oauth2' }))).not.toHaveProperty('issuer');
});
