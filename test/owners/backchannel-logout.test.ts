import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { outcomeOf } from '../connect/world.js';
import type { Answer } from '../world/answer.js';
import type { Browser } from '../world/browser.js';
import { makeIdToken, type Claims, type IdTokenBend } from '../world/misbehaving/id-token.js';
import { eventually } from '../world/redis.js';
import { listed, sessionOf, startOwnersWorld, whoIs, type OwnersWorld } from './world.js';

/* The provider says that a person logged out there (OpenID Connect Back-Channel Logout 1.0): their sessions end, nothing else. */

let world: OwnersWorld;

beforeAll(async () => {
  world = await startOwnersWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const path = '/connect/acme/backchannel-logout';
const event = 'http://schemas.openid.net/event/backchannel-logout';

/** A logout token of `acme`: right, unless it is bent. */
async function logoutToken(claims: Claims, bend: IdTokenBend = {}, server = world.acme): Promise<string> {
  const { clientId, clientSecret } = server.options;
  const now = Math.floor(world.app.now() / 1000);
  const right = {
    iss: server.issuer,
    aud: clientId,
    iat: now,
    exp: now + 120,
    jti: randomUUID(),
    events: { [event]: {} },
  };
  const all = { ...right, ...claims } as Parameters<typeof makeIdToken>[0];
  return makeIdToken(
    all,
    server.keys,
    { grantType: 'logout', clientId, clientSecret, now },
    {
      ...bend,
      header: { typ: 'logout+jwt', ...bend.header },
    },
  );
}

const send = (token: string, at = path): Promise<Answer> =>
  world.newBrowser().post(at, { form: { logout_token: token } });

/** Signs a person in, in a session at the provider that has this name. */
async function signIn(browser: Browser, name: string, sid?: string): Promise<Answer> {
  world.person(name);
  world.acme.bend.idToken = { claims: { sid } };
  return world.connect(browser, 'acme');
}

const isActive = async (browser: Browser): Promise<boolean> => (await sessionOf(browser)).active;

describe('a logout token', () => {
  test('with a sid ends the sessions signed in in that session at the provider, and leaves the connections', async () => {
    const [desk, laptop] = [world.newBrowser(), world.newBrowser()];
    await signIn(desk, 'ann', 'ann-desk');
    const books = await world.add(desk, 'anns');
    await signIn(laptop, 'ann', 'ann-laptop');
    const answer = await send(await logoutToken({ sid: 'ann-desk' }));
    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    expect([await isActive(desk), await isActive(laptop)]).toEqual([false, true]);
    expect(await whoIs(desk, books)).toBe('owner_required');
    expect(await whoIs(laptop, books)).toBe('books-anns');
    expect(world.acme.revocations.length + world.books.revocations.length).toBe(0);
  });

  test('with a sub ends every session of that person, and leaves the connections', async () => {
    const [desk, laptop, stranger] = [world.newBrowser(), world.newBrowser(), world.newBrowser()];
    await signIn(desk, 'bea', 'bea-desk');
    const books = await world.add(desk, 'beas');
    await signIn(laptop, 'bea');
    await signIn(stranger, 'cid', 'cid-desk');
    expect((await send(await logoutToken({ sub: 'person-bea' }))).status).toBe(200);
    expect([await isActive(desk), await isActive(laptop), await isActive(stranger)]).toEqual([false, false, true]);
    await signIn(desk, 'bea', 'bea-again');
    expect(await whoIs(desk, books)).toBe('books-beas');
    expect(await listed(desk)).toHaveLength(2);
    const keys = (await world.redis.cli('keys', '*:session')).split('\n').filter(Boolean);
    const values = await Promise.all(keys.map((key) => world.redis.cli('--raw', 'get', key)));
    expect(values.length).toBeGreaterThan(0);
    for (const text of [...keys, ...values]) expect(text).not.toContain('bea-');
  });

  test('with both ends that one session, and none where they do not belong together', async () => {
    const [desk, laptop] = [world.newBrowser(), world.newBrowser()];
    await signIn(desk, 'dan', 'dan-desk');
    await signIn(laptop, 'dan', 'dan-laptop');
    expect((await send(await logoutToken({ sid: 'dan-desk', sub: 'person-eli' }))).status).toBe(200);
    expect([await isActive(desk), await isActive(laptop)]).toEqual([true, true]);
    expect((await send(await logoutToken({ sid: 'dan-desk', sub: 'person-dan' }))).status).toBe(200);
    expect([await isActive(desk), await isActive(laptop)]).toEqual([false, true]);
  });

  test('of a session that nobody knows is answered with 200', async () => {
    for (const claims of [{ sid: 'nobody' }, { sub: 'person-nobody' }])
      expect((await send(await logoutToken(claims))).status).toBe(200);
  });

  test('that comes before the sign-in has come back ends that sign-in', async () => {
    const browser = world.newBrowser();
    world.person('flo');
    world.acme.bend.idToken = { claims: { sid: 'flo-desk' } };
    const callback = await world.toCallback(browser, 'acme');
    expect((await send(await logoutToken({ sid: 'flo-desk' }))).status).toBe(200);
    expect(outcomeOf(await world.open(browser, callback))).toBe('state_unknown');
    expect(await isActive(browser)).toBe(false);
    expect(world.acme.revocations).toHaveLength(1);
  });

  test('does not end the session of an owner whom the application named, who connected that account', async () => {
    const browser = world.newBrowser();
    await world.bind(browser, 'gil');
    await signIn(browser, 'gil', 'gil-desk');
    for (const claims of [{ sid: 'gil-desk' }, { sub: 'person-gil' }])
      expect((await send(await logoutToken(claims))).status).toBe(200);
    expect(await isActive(browser)).toBe(true);
  });

  test('of a sid that signed in at another provider ends nothing', async () => {
    const browser = world.newBrowser();
    await signIn(browser, 'hal', 'hal-desk');
    const foreign = await logoutToken({ sid: 'hal-desk', sub: 'person-hal' }, {}, world.books);
    expect((await send(foreign, '/connect/books/backchannel-logout')).status).toBe(200);
    expect(await isActive(browser)).toBe(true);
  });

  test.each([undefined, 'logout+jwt', 'application/logout+jwt', 'Logout+JWT'])('may have the typ %s', async (typ) => {
    const browser = world.newBrowser();
    await signIn(browser, 'ida', `ida-${typ}`);
    expect((await send(await logoutToken({ sid: `ida-${typ}` }, { header: { typ } }))).status).toBe(200);
    expect(await isActive(browser)).toBe(false);
  });

  test('is taken once', async () => {
    const browser = world.newBrowser();
    await signIn(browser, 'jan');
    const token = await logoutToken({ sub: 'person-jan' });
    expect((await send(token)).status).toBe(200);
    await signIn(browser, 'jan');
    const again = await send(token);
    expect([again.status, (again.json as { error: string }).error]).toEqual([400, 'invalid_request']);
    expect(again.headers['cache-control']).toBe('no-store');
    expect(await isActive(browser)).toBe(true);
  });
});

describe('a logout token is refused that', () => {
  const now = () => Math.floor(world.app.now() / 1000);
  test.each<[string, Claims | (() => Claims), IdTokenBend?]>([
    ['is not signed', {}, { signature: 'none' }],
    ['is signed with the client secret', {}, { signature: 'hs256_client_secret' }],
    ['is signed with the public key as secret', {}, { signature: 'hs256_public_key' }],
    ['is signed with another key', {}, { signature: 'unknown_key' }],
    ['has a broken signature', {}, { signature: 'broken' }],
    ['demands an extension nobody knows', {}, { header: { crit: ['urn:unknown'], 'urn:unknown': true } }],
    ['is of the type of another token', {}, { header: { typ: 'JWT' } }],
    ['is of another issuer', { iss: 'https://another.test' }],
    ['has no issuer', { iss: undefined }],
    ['is for another client', { aud: 'another-client' }],
    ['has no audience', { aud: undefined }],
    ['is for further clients that nobody trusts', { aud: ['gatehouse-test', 'another-client'] }],
    ['has expired', () => ({ exp: now() - 60, iat: now() - 120 })],
    ['has no end', { exp: undefined }],
    ['ends in two days', () => ({ exp: now() + 172_800 })],
    ['was issued tomorrow', () => ({ iat: now() + 86_000 })],
    ['has no time of issue', { iat: undefined }],
    ['is not valid before tomorrow', () => ({ nbf: now() + 86_000 })],
    ['has no jti', { jti: undefined }],
    ['has an empty jti', { jti: '' }],
    ['names no session and nobody', { sub: undefined }],
    ['names a person by a number', { sub: 7 }],
    ['names a session by a list', { sid: ['x'] }],
    ['has no events', { events: undefined }],
    ['tells another event', { events: { 'https://acme.test/event': {} } }],
    ['tells its event in a list', { events: [event] }],
    ['tells its event with a text', { events: { [event]: 'yes' } }],
    ['has a nonce, as an ID token', { nonce: 'abc' }],
  ])('%s', async (_what, given, bend = {}) => {
    const browser = world.newBrowser();
    await signIn(browser, 'kim');
    const claims = typeof given === 'function' ? given() : given;
    const answer = await send(await logoutToken({ sub: 'person-kim', ...claims }, bend));
    expect([answer.status, (answer.json as { error: string }).error]).toEqual([400, 'invalid_request']);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await isActive(browser)).toBe(true);
  });

  test('is an ID token', async () => {
    const browser = world.newBrowser();
    await signIn(browser, 'liv');
    const idToken = await logoutToken(
      { sub: 'person-liv', events: undefined, jti: undefined },
      { header: { typ: 'JWT' } },
    );
    expect((await send(idToken)).status).toBe(400);
    expect(await isActive(browser)).toBe(true);
  });

  test.each<[string, Parameters<Browser['post']>[1]]>([
    ['is missing', { form: { token: 'x' } }],
    ['comes twice', { form: new URLSearchParams('logout_token=a&logout_token=b') }],
    ['is no token', { form: { logout_token: 'a.b.c' } }],
    ['comes as JSON', { json: { logout_token: 'a.b.c' } }],
    ['is larger than 64 KB', { form: { logout_token: 'x'.repeat(65_536) } }],
  ])('%s', async (_what, request) => {
    const answer = await world.newBrowser().post(path, request);
    expect([answer.status, (answer.json as { error: string }).error]).toEqual([400, 'invalid_request']);
  });
});

describe('the address for logout tokens', () => {
  test('answers POST alone, for providers that people sign in with', async () => {
    const browser = world.newBrowser();
    const get = await browser.get(path);
    expect([get.status, get.headers['allow']]).toEqual([405, 'POST']);
    expect((await send('x', '/connect/nobody/backchannel-logout')).status).toBe(404);
  });

  test('keeps a limit for each address', async () => {
    const busy = await startOwnersWorld();
    try {
      const browser = busy.newBrowser();
      const statuses = new Set<number>();
      for (let round = 0; round < 61; round += 1) {
        const answers = await Promise.all(Array.from({ length: 10 }, () => browser.post(path, { form: {} })));
        for (const { status } of answers) statuses.add(status);
      }
      expect([...statuses].sort()).toEqual([400, 429]);
    } finally {
      await busy.close();
    }
  });

  test('answers 503 while the store is away, and the same token counts afterwards', async () => {
    const lonely = await startOwnersWorld();
    const before = world;
    try {
      world = lonely;
      const browser = lonely.newBrowser();
      await signIn(browser, 'mia', 'mia-desk');
      const token = await logoutToken({ sid: 'mia-desk' });
      await lonely.redis.kill('SIGSTOP');
      const away = await send(token).finally(() => void lonely.redis.kill('SIGCONT'));
      expect([away.status, away.headers['retry-after']]).toEqual([503, '1']);
      await eventually(async () => (await send(token)).status === 200);
      expect(await isActive(browser)).toBe(false);
    } finally {
      world = before;
      await lonely.close();
    }
  });
});

test('a renewal under way while a person is logged out everywhere saves its tokens', async () => {
  const [browser, again] = [world.newBrowser(), world.newBrowser()];
  await signIn(browser, 'nia');
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  world.acme.bend.token = { on: 'refresh_token', times: 1, wait: held };
  const renewal = browser.api.post('/api/connections/acme/refresh');
  await eventually(() => Promise.resolve(world.acme.tokenCallsOf('refresh_token') === 1));
  expect((await send(await logoutToken({ sub: 'person-nia' }))).status).toBe(200);
  letGo();
  await renewal;
  world.acme.bend = {};
  const spent = world.acme.tokenCallsOf('refresh_token');
  expect(spent).toBe(1);
  await signIn(again, 'nia');
  const renewed = await again.api.post('/api/connections/acme/refresh');
  expect(renewed.status).toBe(200);
});
