import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { parse } from 'yaml';
import { startMisbehaving } from './misbehaving.js';
import type { MisbehavingServer } from './misbehaving.js';
import { createPlainSignIn } from './plain-sign-in.js';
import type { PlainSignIn, Tokens } from './plain-sign-in.js';
import { send } from './transport.js';

let server: MisbehavingServer;
let signIn: PlainSignIn;
let time = Date.now();

beforeAll(async () => {
  server = await startMisbehaving({ issParameter: true, now: () => time });
  signIn = createPlainSignIn(server);
});
afterAll(() => server.close());
beforeEach(() => {
  time = Date.now();
  server.reset();
});

const get = (url: URL | string, headers = {}) => send({ method: 'GET', url: new URL(url), headers });

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
  const { attempt, answer } = await signIn.authorize();
  expect(answer.status).toBe(302);
  expect(answer.location?.href.startsWith(signIn.redirectUri)).toBe(true);
  expect(answer.location?.searchParams.get('state')).toBe(attempt.state);
  expect(answer.location?.searchParams.get('iss')).toBe(server.issuer);
});

test('an ID token verifies and answers the nonce', async () => {
  const { id_token, nonce } = await signIn.tokens();
  const { payload } = await signIn.verify(id_token);
  expect(payload).toMatchObject({ sub: 'person-1', nonce, aud: server.options.clientId });
});

test('a code is exchanged once; the second try ends what the first one gave', async () => {
  const { attempt, code } = await signIn.authorize();
  const { access_token } = (await signIn.client.exchange(code, attempt)).json as Tokens;
  expect(server.grants.accepts(access_token)).toBe(true);
  expect(await signIn.client.exchange(code, attempt)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
  expect(server.grants.accepts(access_token)).toBe(false);
  expect(server.grants.exchanges.get(code)).toBe(2);
});

test('a wrong, missing or short verifier is refused, and so is one without a challenge', async () => {
  for (const verifier of ['x'.repeat(43), '', 'short']) {
    const { code } = await signIn.authorize();
    expect(await signIn.client.exchange(code, { verifier })).toMatchObject({
      status: 400,
      json: { error: 'invalid_grant' },
    });
  }
  const { attempt, code } = await signIn.authorize({ code_challenge: null, code_challenge_method: null });
  expect((await signIn.client.exchange(code, attempt)).status).toBe(400);
  expect(server.tokenCalls.at(-1)?.refusal).toBe('a verifier without a challenge');
});

test('plain PKCE and doubled parameters are refused with the state', async () => {
  const plain = await signIn.authorize({ code_challenge_method: 'plain' });
  expect(plain.answer.location?.searchParams.get('error')).toBe('invalid_request');
  const attempt = signIn.client.start();
  attempt.url.searchParams.append('scope', 'more');
  const { location } = await get(attempt.url);
  expect(location?.searchParams.get('error')).toBe('invalid_request');
  expect(location?.searchParams.get('state')).toBe(attempt.state);
});

test('another redirect_uri or an expired code is refused', async () => {
  const { attempt, code } = await signIn.authorize();
  const parameters = { grant_type: 'authorization_code', code, code_verifier: attempt.verifier };
  expect((await signIn.client.token({ ...parameters, redirect_uri: `${signIn.redirectUri}/` })).json).toEqual({
    error: 'invalid_grant',
  });
  time += 61_000;
  expect((await signIn.client.exchange(code, attempt)).json).toEqual({ error: 'invalid_grant' });
});

test('a wrong secret is invalid_client, in the body and in the header', async () => {
  expect(await signIn.client.token({ grant_type: 'client_credentials', client_secret: 'no' })).toMatchObject({
    status: 401,
  });
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
  const first = await signIn.tokens();
  const second = (await signIn.client.refresh(first.refresh_token)).json as Tokens;
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(decodeJwt(second.id_token)['nonce']).toBeUndefined();
  expect(server.grants.accepts(second.access_token)).toBe(true);
  expect(await signIn.client.refresh(first.refresh_token)).toMatchObject({
    status: 400,
    json: { error: 'invalid_grant' },
  });
  expect(server.grants.accepts(second.access_token)).toBe(false);
  expect((await signIn.client.refresh(second.refresh_token)).status).toBe(400);
  expect(server.tokenCallsOf('refresh_token')).toBe(3);
});

test('without rotation the refresh token stays and is not repeated', async () => {
  server.options.rotation = false;
  const { refresh_token } = await signIn.tokens();
  const answer = (await signIn.client.refresh(refresh_token)).json as Partial<Tokens>;
  expect(answer.refresh_token).toBeUndefined();
  expect((await signIn.client.refresh(refresh_token)).status).toBe(200);
  server.options.rotation = true;
});

test('an access token ends with its lifetime, with its grant, or when told', async () => {
  const [first, second, third] = [await signIn.tokens(), await signIn.tokens(), await signIn.tokens()];
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

test('the provider file names this server', () => {
  expect(parse(server.providerFile({ id: 'my-acme' }))).toMatchObject({ id: 'my-acme', issuer: server.issuer });
  expect(Object.keys(server.environment('my-acme'))).toEqual(['MY_ACME_CLIENT_ID', 'MY_ACME_CLIENT_SECRET']);
  expect(parse(server.providerFile({ protocol: 'oauth2' }))).not.toHaveProperty('issuer');
});
