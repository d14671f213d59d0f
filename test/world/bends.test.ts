import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { startMisbehaving } from './misbehaving.js';
import type { MisbehavingServer } from './misbehaving.js';
import { refusedResponses, unknownResponses } from './misbehaving/authorization-response.js';
import { missingDiscovery } from './misbehaving/discovery.js';
import { acceptedIdTokens, refusedIdTokens } from './misbehaving/id-token-bends.js';
import { redirectedTo, transientTokenFaults, unusableTokenAnswers } from './misbehaving/token-bends.js';
import { createPlainSignIn } from './plain-sign-in.js';
import type { PlainSignIn } from './plain-sign-in.js';
import { redirectReply } from './reply.js';
import { send } from './transport.js';

let server: MisbehavingServer;
let signIn: PlainSignIn;

beforeAll(async () => {
  server = await startMisbehaving({ issParameter: true });
  signIn = createPlainSignIn(server);
});
afterAll(() => server.close());
beforeEach(() => server.reset());

test.each(Object.entries(refusedIdTokens))(
  'a bent ID token %s and fails verification or names a wrong value',
  async (_name, bend) => {
    server.bend.idToken = bend;
    const { id_token, nonce } = await signIn.tokens();
    const verified = await signIn.verify(id_token).catch(() => undefined);
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
  await expect(signIn.verify((await signIn.tokens()).id_token)).resolves.toBeDefined();
});

test('after a rotation of keys new tokens carry a new kid, and the old key stays unless it is dropped', async () => {
  const before = await signIn.tokens();
  await server.keys.rotate();
  const after = await signIn.tokens();
  expect(decodeProtectedHeader(after.id_token).kid).not.toBe(decodeProtectedHeader(before.id_token).kid);
  await signIn.verify(before.id_token);
  await server.keys.rotate({ dropOld: true });
  await expect(signIn.verify(after.id_token)).rejects.toThrow();
});

test.each(Object.entries({ ...unknownResponses, ...refusedResponses }))(
  'a bent authorization response differs from the right one: %s',
  async (_name, bend) => {
    server.bend.authorization = bend;
    const { attempt, answer, code } = await signIn.authorize();
    const right = new URL(signIn.redirectUri);
    right.search = new URLSearchParams({ code, state: attempt.state, iss: server.issuer }).toString();
    expect(answer.status).toBe(302);
    expect(answer.location?.href).not.toBe(right.href);
  },
);

test('an authorization request can be passed on to another server, with its state', async () => {
  server.bend.authorization = { reply: (request) => redirectReply(`https://another.test/?${request.toString()}`) };
  const { attempt, answer } = await signIn.authorize();
  expect(answer.location?.host).toBe('another.test');
  expect(answer.location?.searchParams.get('state')).toBe(attempt.state);
});

test('two keys are published while a token has no kid, and only the second one verifies it', async () => {
  await server.keys.rotate();
  server.bend.idToken = { header: { kid: undefined } };
  const { id_token } = await signIn.tokens();
  const works = await Promise.all(
    server.keys.published.slice(-2).map(async ({ jwk }) =>
      jwtVerify(id_token, await importJWK(jwk, 'RS256'), { currentDate: new Date() }).then(
        () => true,
        () => false,
      ),
    ),
  );
  expect(works).toEqual([false, true]);
});

test('a form_post response is a page with a form for the callback', async () => {
  server.bend.authorization = { mode: 'form_post' };
  const { answer } = await signIn.authorize();
  expect(answer.text).toContain(`action="${signIn.redirectUri}"`);
  expect(answer.text).toContain('name="code"');
});

test.each(Object.entries({ ...transientTokenFaults, ...unusableTokenAnswers }))(
  'a token fault arrives as %s, and the refresh token still works after it',
  async (_name, bend) => {
    const { refresh_token } = await signIn.tokens();
    server.bend.token = { ...bend, times: 1 };
    const faulty = await signIn.client.refresh(refresh_token).catch(() => undefined);
    if (bend.body)
      expect(faulty?.json).not.toMatchObject({
        token_type: 'Bearer',
        access_token: expect.stringMatching(/^at_[\w-]{32}$/),
        expires_in: 3600,
        padding: undefined,
      });
    else expect(faulty?.status === 200 && faulty.text.includes('refresh_token')).toBe(false);
    if (bend.reply) expect((await signIn.client.refresh(refresh_token)).status).toBe(200);
  },
);

test('an answer that is lost on the way has spent the refresh token', async () => {
  const { refresh_token } = await signIn.tokens();
  server.bend.token = { on: 'refresh_token', times: 1, reply: { instead: 'cut' }, spend: true };
  await expect(signIn.client.refresh(refresh_token)).rejects.toThrow();
  expect((await signIn.client.refresh(refresh_token)).json).toEqual({ error: 'invalid_grant' });
});

test('a token call can be held until the test lets it go, and sent elsewhere', async () => {
  let release: (value?: unknown) => void = () => undefined;
  server.bend.token = { wait: new Promise((resolve) => (release = resolve)) };
  const pending = signIn.client.token({ grant_type: 'client_credentials' });
  release();
  expect((await pending).status).toBe(200);
  server.bend.token = redirectedTo('http://127.0.0.1:1/token');
  expect(await signIn.client.token({ grant_type: 'client_credentials' })).toMatchObject({ status: 307 });
});

test('discovery can be missing for a while', async () => {
  server.bend.discovery = missingDiscovery(2);
  const ask = () =>
    send({ method: 'GET', url: new URL(`${server.issuer}/.well-known/openid-configuration`), headers: {} });
  expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([404, 404, 200]);
  expect(server.calls.discovery).toBe(3);
});
