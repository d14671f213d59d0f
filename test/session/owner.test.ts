import { createSecretKey, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { base64url, exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import type { Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { listen, type Listening } from '../world/listen.js';
import { eventually } from '../world/redis.js';
import { connectOrFail, gate, outcome, sessionCookie, startSessionWorld, type SessionWorld } from './session-world.js';

const audience = 'gatehouse';
const secret = randomBytes(32).toString('base64');
const key = createSecretKey(Buffer.from(secret));

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({ OWNER_SECRET: secret, OWNER_AUDIENCE: audience }, ['acme', 'second']);
});
beforeEach(() => world.server.reset());
afterAll(() => world.close());

const seconds = () => Math.floor(world.app.now() / 1000);
const claims = (sub: string): JWTPayload => ({
  sub,
  aud: audience,
  exp: seconds() + 60,
  iat: seconds(),
  jti: randomBytes(8).toString('hex'),
});
const sign = (payload: JWTPayload, header: { alg: string } = { alg: 'HS256' }) =>
  new SignJWT(payload).setProtectedHeader(header).sign(key);
const bind = (browser: Browser, assertion: unknown) => browser.api.put('/api/session/owner', { json: { assertion } });
const active = async (browser: Browser) => (await browser.api.get('/api/session')).text.includes('"active":true');

test('the first binding keeps what the session has connected, under a new id', async () => {
  const browser = await world.connected('acme');
  const { value: old = '' } = browser.cookie(sessionCookie) ?? {};
  const answer = await bind(browser, await sign(claims('ann')));
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ session: { active: true }, connections: [{ status: 'connected' }, {}] });
  expect(answer.text).not.toContain('ann');
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
  const headers = { cookie: `${sessionCookie}=${old}`, 'x-csrf': '1' };
  expect(outcome(await world.browser().get('/proxy/acme/x', { headers }))).toBe('401 login_required');
});

test('a visitor without a session gets one, which the owner then connects in', async () => {
  const browser = world.browser();
  expect((await bind(browser, await sign(claims('ann')))).status).toBe(200);
  expect(await active(browser)).toBe(true);
  await connectOrFail(browser, 'acme');
  expect((await bind(browser, await sign(claims('ann')))).status).toBe(200);
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
});

test('another owner ends the old session first: nothing is inherited and the grants are revoked', async () => {
  const browser = await world.connected('acme', 'second');
  await bind(browser, await sign(claims('ann')));
  const { value: anns = '' } = browser.cookie(sessionCookie) ?? {};
  const answer = await bind(browser, await sign(claims('bob')));
  expect(answer.json).toMatchObject({
    session: { active: true },
    connections: [{ status: 'not_connected' }, { status: 'not_connected' }],
  });
  expect(answer.setCookies.filter((line) => line.startsWith(`${sessionCookie}=`))).toHaveLength(1);
  expect(world.server.revocations).toHaveLength(2);
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('401 not_connected');
  const headers = { cookie: `${sessionCookie}=${anns}`, 'x-csrf': '1' };
  expect(outcome(await world.browser().get('/proxy/acme/x', { headers }))).toBe('401 login_required');
});

test('an attempt that one owner started cannot be finished under another, nor before and after a binding', async () => {
  for (const [before, after] of [
    ['ann', 'bob'],
    [undefined, 'bob'],
  ] as const) {
    const browser = await world.connected('acme');
    if (before !== undefined) await bind(browser, await sign(claims(before)));
    const { callbackUrl } = await connect(browser, 'second', { stopAt: 'callback' });
    const attempt = browser.cookies().filter(({ name }) => name.includes('-attempt.second'));
    await bind(browser, await sign(claims(after)));
    for (const { name, value } of attempt) browser.setCookie(name, value);
    const calls = world.server.tokenCallsOf('authorization_code');
    expect((await browser.navigate(callbackUrl ?? '', { follow: false })).status).toBe(400);
    expect(world.server.tokenCallsOf('authorization_code')).toBe(calls);
    expect((await browser.api.get('/api/connections/second')).json).toMatchObject({ status: 'not_connected' });
  }
});

test('an attempt under way while another owner comes attaches nothing to the newcomer', async () => {
  const browser = world.browser();
  await bind(browser, await sign(claims('ann')));
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  const { held, letGo } = gate();
  world.server.bend.token = { on: 'authorization_code', wait: held };
  const finishing = browser.newTab().navigate(callbackUrl ?? '', { follow: false });
  await eventually(() => Promise.resolve(world.server.tokenCalls.length === 1));
  await bind(browser, await sign(claims('bob')));
  letGo();
  expect((await finishing).location?.searchParams.get('connect_error')).toBe('state_unknown');
  expect((await browser.api.get('/api/connections/acme')).json).toMatchObject({ status: 'not_connected' });
});

test('an assertion is good once, however its signature is spelled', async () => {
  const assertion = await sign(claims('ann'));
  expect((await bind(world.browser(), assertion)).status).toBe(200);
  // The last character of a 32-byte signature has two bits that no decoder reads.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const spare = alphabet[alphabet.indexOf(assertion.at(-1) ?? '') ^ 1] ?? '';
  for (const again of [assertion, `${assertion.slice(0, -1)}${spare}`, `${assertion}=`, ` ${assertion}`]) {
    const browser = world.browser();
    expect((await bind(browser, again)).status).toBe(400);
    expect(await active(browser)).toBe(false);
  }
});

test('an assertion that is wrong in any part is refused with 400, and changes nothing', async () => {
  const right = claims('ann');
  const other = createSecretKey(randomBytes(32));
  const [head = '', body = '', mark = ''] = (await sign(right)).split('.');
  const encode = (value: unknown) => base64url.encode(JSON.stringify(value));
  const wrong: Record<string, unknown> = {
    'signed with another secret': await new SignJWT(right).setProtectedHeader({ alg: 'HS256' }).sign(other),
    'without a signature': `${encode({ alg: 'none' })}.${body}.`,
    'alg none with a signature': `${encode({ alg: 'none' })}.${body}.${mark}`,
    'another body under the signature': `${head}.${encode({ ...right, sub: 'bob' })}.${mark}`,
    HS512: await new SignJWT(right)
      .setProtectedHeader({ alg: 'HS512' })
      .sign(createSecretKey(Buffer.from(secret.repeat(2)))),
    'another audience': await sign({ ...right, aud: 'somebody-else' }),
    'no audience': await sign({ sub: 'ann', exp: right.exp ?? 0 }),
    expired: await sign({ ...right, exp: seconds() - 60 }),
    'without an end': await sign({ sub: 'ann', aud: audience }),
    'good for a year': await sign({ ...right, exp: seconds() + 31_536_000 }),
    'not yet valid': await sign({ ...right, nbf: seconds() + 600 }),
    'without a user': await sign({ aud: audience, exp: seconds() + 60 }),
    'with an empty user': await sign({ ...right, sub: '' }),
    'with a user that is a number': `${head}.${encode({ ...right, sub: 7 })}.${mark}`,
    'with a critical header nobody knows': await new SignJWT(right)
      .setProtectedHeader({ alg: 'HS256', crit: ['x'], x: 1 })
      .sign(key, { crit: { x: true } }),
    'no JWT': 'abc',
    empty: '',
    'a number': 7,
    null: null,
    'an object': {},
    'a list': [await sign(right)],
    huge: 'a'.repeat(20_000),
  };
  const browser = await world.connected('acme');
  for (const [name, assertion] of Object.entries(wrong)) {
    const answer = await bind(browser, assertion);
    expect([name, answer.status, (answer.json as { code: string }).code]).toEqual([name, 400, 'invalid_request']);
  }
  expect(
    (
      await browser.api.put('/api/session/owner', {
        body: '{"assertion":',
        headers: { 'content-type': 'application/json' },
      })
    ).status,
  ).toBe(400);
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
});

test('binding needs the CSRF header, and a foreign origin is refused', async () => {
  const assertion = await sign(claims('ann'));
  expect((await world.browser().put('/api/session/owner', { json: { assertion } })).status).toBe(403);
  const headers = { origin: 'https://evil.test' };
  expect((await world.browser().api.put('/api/session/owner', { json: { assertion }, headers })).status).toBe(403);
  expect((await bind(world.browser(), assertion)).status).toBe(200);
});

test('with owners off the address is not there', async () => {
  const off = await startSessionWorld();
  const answer = await bind(off.browser(), await sign(claims('ann')));
  expect([answer.status, (answer.json as { code: string }).code]).toEqual([404, 'not_found']);
  await off.close();
});

test.each(['ES256', 'RS256'])(
  'published keys work with %s: rotation, an unknown key, confusion and replay',
  async (alg) => {
    const make = async (kid: string) => {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' } };
    };
    const [first, second, foreign] = [await make('k1'), await make('k2'), await make('k2')];
    let published: unknown[] = [first.jwk];
    const jwks: Listening = await listen((_req, res) => res.end(JSON.stringify({ keys: published })));
    const owned = await startSessionWorld({ OWNER_JWKS_URL: `${jwks.origin}/jwks`, OWNER_AUDIENCE: audience });
    const signed = ({ kid, privateKey }: typeof first, header = {}) =>
      new SignJWT(claims('ann')).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
    const status = async (assertion: string) => (await bind(owned.browser(), assertion)).status;

    const once = await signed(first);
    expect([await status(once), await status(once)]).toEqual([200, 400]);
    expect(await status(await signed(second))).toBe(400);
    published = [first.jwk, second.jwk];
    owned.app.forward(2);
    expect(await status(await signed(second))).toBe(200);
    expect(await status(await signed(foreign))).toBe(400);

    // The published key as an HMAC secret (RFC 8725 section 2.1), and keys that the assertion brings itself.
    const confused = createSecretKey(Buffer.from(JSON.stringify(first.jwk)));
    expect(
      await status(await new SignJWT(claims('ann')).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(confused)),
    ).toBe(400);
    expect(await status(await signed(foreign, { jwk: foreign.jwk, kid: 'k1' }))).toBe(400);
    expect(await status(`${base64url.encode('{"alg":"none"}')}.${once.split('.')[1] ?? ''}.`)).toBe(400);
    await owned.close();
    await jwks.close();
  },
);

test.each<[string, (answer: ServerResponse) => unknown]>([
  ['are not there', (answer) => answer.destroy()],
  ['come with an error', (answer) => answer.writeHead(503).end()],
  ['are no keys', (answer) => answer.end('<!doctype html>')],
])('published keys that %s are a failure that passes, and change nothing', async (_how, answers) => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] });
  let away = true;
  const jwks: Listening = await listen((_req, res) => (away ? answers(res) : res.end(keys)));
  const owned = await startSessionWorld({ OWNER_JWKS_URL: `${jwks.origin}/jwks`, OWNER_AUDIENCE: audience });
  const browser = owned.browser();
  const assertion = await new SignJWT(claims('ann')).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(privateKey);

  const refused = await bind(browser, assertion);
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '2']);
  expect(refused.json).toMatchObject({ code: 'owner_keys_unavailable', retry_after: 2 });
  expect(browser.cookies()).toEqual([]);
  away = false;
  expect((await bind(browser, assertion)).status).toBe(200);
  await owned.close();
  await jwks.close();
});
