import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf, outcomeOf } from '../connect/world.js';
import type { Browser } from '../world/browser.js';
import { listed, sessionOf, startOwnersWorld, whoIs, type OwnersWorld } from './world.js';

/* Connections that belong to a person: found again in every browser, and by nobody else. */

let world: OwnersWorld;

beforeAll(async () => {
  world = await startOwnersWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  world.reset();
  world.person('jo');
});

const json = { accept: 'application/json' };

describe('without an owner', () => {
  test('an ordinary provider is not connected: the answer says where to sign in', async () => {
    const visitor = world.newBrowser();
    const answer = await visitor.api.post('/connect/books', { ...json, json: {} });
    expect([answer.status, codeOf(answer)]).toEqual([401, 'owner_required']);
    expect(answer.headers['www-authenticate']).toContain('error="owner_required"');
    const url = new URL((answer.json as { connect_url: string }).connect_url);
    expect(url.origin + url.pathname).toBe('https://app.example.test/sign-in');
    expect(url.searchParams.get('from')).toBe('gate');
    expect(url.searchParams.get('nonce')).toMatch(/^[\w.-]{40,}$/);
    const page = await visitor.navigate('/connect/books?return_to=/app', { from: visitor.base });
    expect(page.status).toBe(401);
    expect(page.text).toContain('https://app.example.test/sign-in?from=gate&amp;return_to=');
    expect(page.text).toContain(encodeURIComponent('/connect/books?return_to=/app'));
    expect(page.text).toContain('/connect/acme?return_to=');
  });

  test('the proxy and the API say the same, and /api/session says that nobody is there', async () => {
    const visitor = world.newBrowser();
    for (const path of ['/proxy/books/userinfo', '/api/connections', '/api/connections/books']) {
      const answer = await visitor.api.get(path);
      expect([path, answer.status, codeOf(answer)]).toEqual([path, 401, 'owner_required']);
    }
    for (const answer of [
      await visitor.api.delete('/api/connections/books'),
      await visitor.api.post('/api/connections/books/refresh'),
      await visitor.api.patch('/api/connections/books', { json: { label: 'x' } }),
    ])
      expect([answer.status, codeOf(answer)]).toEqual([401, 'owner_required']);
    expect(await sessionOf(visitor)).toMatchObject({ active: false, owner: null });
    expect(codeOf(await visitor.api.get('/api/connections/nobody'))).toBe('unknown_provider');
  });
});

describe('an owner by assertion', () => {
  test('finds everything again in another browser and after a logout, and another owner finds nothing', async () => {
    const [desk, laptop, stranger] = [world.newBrowser(), world.newBrowser(), world.newBrowser()];
    const bound = await world.bind(desk, 'ann', { name: 'Ann Berg' });
    expect(bound.json).toMatchObject({ session: { active: true, owner: { kind: 'assertion', label: 'Ann Berg' } } });
    const first = await world.add(desk, 'one');
    const second = await world.add(desk, 'two');
    expect((await desk.api.post('/logout', json)).json).toEqual({ revocations: [] });
    expect(await whoIs(desk, first)).toBe('owner_required');
    await world.bind(laptop, 'ann');
    expect((await listed(laptop)).map(({ id }) => id)).toEqual([first, second]);
    expect([await whoIs(laptop, first), await whoIs(laptop, second)]).toEqual(['books-one', 'books-two']);
    await world.bind(stranger, 'bob');
    expect(await listed(stranger)).toEqual([]);
    expect(await whoIs(stranger, first)).toBe('unknown_connection');
    await world.bind(desk, 'ann');
    await desk.api.delete(`/api/connections/${first}`);
    expect(await whoIs(laptop, first)).toBe('unknown_connection');
    expect(await whoIs(laptop, 'books')).toBe('books-two');
  });

  test('another owner at the same browser begins empty, and the former one loses nothing', async () => {
    const browser = world.newBrowser();
    await world.bind(browser, 'carl');
    const id = await world.add(browser, 'carl');
    await world.bind(browser, 'dora');
    expect([await listed(browser), await whoIs(browser, id)]).toEqual([[], 'unknown_connection']);
    await world.bind(browser, 'carl');
    expect(await whoIs(browser, id)).toBe('books-carl');
  });

  test('an attempt begun under one owner is never finished under another', async () => {
    const browser = world.newBrowser();
    await world.bind(browser, 'eve');
    const callback = await world.toCallback(browser, 'books');
    await world.bind(browser, 'fay');
    const answer = await world.open(browser, callback);
    expect(answer.status).toBe(400);
    expect(await listed(browser)).toEqual([]);
    await world.bind(browser, 'eve');
    expect(await listed(browser)).toEqual([]);
  });

  test.each<[string, (browser: Browser) => Promise<Record<string, unknown>>]>([
    ['without a nonce', () => Promise.resolve({ nonce: undefined })],
    ['with a nonce that was made up', () => Promise.resolve({ nonce: 'lz0.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA' })],
    ['with a nonce of another browser', async () => ({ nonce: await world.nonce(world.newBrowser()) })],
    ['that ends in six minutes', () => Promise.resolve({ exp: Math.floor(world.app.now() / 1000) + 400 })],
    ['that names nobody', () => Promise.resolve({ sub: '' })],
    ['that names a dot', () => Promise.resolve({ sub: '..' })],
    ['that names a line break', () => Promise.resolve({ sub: 'a\nb' })],
    ['that names 256 characters', () => Promise.resolve({ sub: 'x'.repeat(256) })],
  ])('an assertion %s is refused', async (_what, claims) => {
    const browser = world.newBrowser();
    const answer = await world.bind(browser, 'gus', await claims(browser));
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
    expect(await sessionOf(browser)).toMatchObject({ active: false });
  });

  test('a nonce is used once, and holds for five minutes', async () => {
    const browser = world.newBrowser();
    const nonce = await world.nonce(browser);
    expect((await world.bind(browser, 'hal', { nonce })).status).toBe(200);
    expect((await world.bind(browser, 'hal', { nonce })).status).toBe(400);
    const old = await world.nonce(browser);
    world.app.forward(301);
    expect((await world.bind(browser, 'hal', { nonce: old })).status).toBe(400);
    expect((await world.bind(browser, 'hal')).status).toBe(200);
  });

  test('a form of the application binds, too, and leads on; one of another origin does not', async () => {
    const browser = world.newBrowser();
    const { origin } = new URL(world.app.url);
    const submit = async (headers: Record<string, string>) =>
      browser.post('/session/owner', {
        headers,
        form: { assertion: await world.assertion('ida', { nonce: await world.nonce(browser) }), return_to: '/app' },
      });
    for (const headers of [{ origin: 'null' }, { origin: 'https://evil.test' }, {}]) {
      const refused = await submit(headers);
      expect([refused.status, codeOf(refused)]).toEqual([403, 'origin_not_allowed']);
    }
    const answer = await submit({ origin });
    expect([answer.status, answer.location?.pathname]).toEqual([303, '/app']);
    expect(await sessionOf(browser)).toMatchObject({ active: true, owner: { kind: 'assertion' } });
  });
});

describe('an owner who signs in by a Connect button', () => {
  test('finds everything again in another browser by the same button', async () => {
    const [desk, laptop, stranger] = [world.newBrowser(), world.newBrowser(), world.newBrowser()];
    world.person('kim');
    const signedIn = await world.connect(desk, 'acme');
    expect(outcomeOf(signedIn)).toBeNull();
    expect(await sessionOf(desk)).toMatchObject({ active: true, owner: { kind: 'acme', label: 'kim@example.test' } });
    const books = await world.add(desk, 'kims');
    world.person('kim');
    await world.connect(laptop, 'acme');
    const ids = (await listed(laptop)).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(ids).toContain(books);
    expect(await whoIs(laptop, books)).toBe('books-kims');
    expect(await whoIs(laptop, 'acme')).toBe('person-kim');
    world.person('lea');
    await world.connect(stranger, 'acme');
    expect((await listed(stranger)).map(({ account }) => account.subject)).toEqual(['person-lea']);
  });

  test('with an owner in force the button is an ordinary Connect: it adds, and changes no owner', async () => {
    const browser = world.newBrowser();
    await world.bind(browser, 'max');
    world.person('nia');
    await world.connect(browser, 'acme');
    expect(await sessionOf(browser)).toMatchObject({ owner: { kind: 'assertion' } });
    expect((await listed(browser)).map(({ account }) => account.subject)).toEqual(['person-nia']);
  });

  test('an asserted owner and a signed-in one are never the same, whatever they are called', async () => {
    const [one, other] = [world.newBrowser(), world.newBrowser()];
    world.person('ola');
    await world.connect(one, 'acme');
    for (const name of ['person-ola', `${world.acme.issuer}\nperson-ola`.replaceAll('\n', ' ')]) {
      await world.bind(other, name);
      expect(await listed(other)).toEqual([]);
    }
  });
});

describe('an owner who was named long ago', () => {
  const expired = async () => {
    const browser = world.newBrowser();
    await world.bind(browser, 'pia', { name: 'Pia' });
    const id = await world.add(browser, 'pias');
    world.app.forward(43_201);
    return { browser, id };
  };

  test('is asked again, is told so, and loses nothing', async () => {
    const { browser, id } = await expired();
    expect(await whoIs(browser, id)).toBe('owner_expired');
    expect(await sessionOf(browser)).toMatchObject({ active: false, owner: { label: 'Pia', expires_in: 0 } });
    expect(await listed(browser)).toEqual([]);
    const start = await browser.api.post('/connect/books', { ...json, json: {} });
    expect([start.status, codeOf(start)]).toEqual([401, 'owner_expired']);
    await world.bind(browser, 'pia');
    expect(await whoIs(browser, id)).toBe('books-pias');
  });

  test('finishes what was begun before, for the same owner', async () => {
    const browser = world.newBrowser();
    await world.bind(browser, 'quin');
    world.app.forward(43_190);
    Object.assign(world.books.person, { sub: 'books-late', email: 'late@books.test' });
    const callback = await world.toCallback(browser, 'books');
    world.app.forward(20);
    expect(outcomeOf(await world.open(browser, callback))).toBeNull();
    expect(await whoIs(browser, 'books')).toBe('owner_expired');
    await world.bind(browser, 'quin');
    expect(await whoIs(browser, 'books')).toBe('books-late');
  });

  test('signs in as somebody else: another owner in a new and empty session', async () => {
    const { browser, id } = await expired();
    world.person('rut');
    await world.connect(browser, 'acme');
    expect(await sessionOf(browser)).toMatchObject({ active: true, owner: { kind: 'acme' } });
    expect(await whoIs(browser, id)).toBe('unknown_connection');
  });
});

test('the store holds no name of an owner and no id of a connection in clear', async () => {
  const browser = world.newBrowser();
  await world.bind(browser, 'Sigrid-Undset-1928', { name: 'Label-Of-Sigrid' });
  const id = await world.add(browser, 'sigrid');
  const other = await world.add(browser, 'sigrids-other');
  const keys = (await world.redis.cli('keys', '*')).split('\n').filter(Boolean);
  const values = await Promise.all(keys.map((key) => world.redis.cli('--raw', 'get', key)));
  const dump = [...keys, ...values].join('\n');
  expect(keys.some((key) => key.includes('connection:books'))).toBe(true);
  for (const secret of ['Sigrid', 'sigrid', 'Label-Of', id, other]) expect(dump).not.toContain(secret);
  const lives = await Promise.all(keys.map(async (key) => [key, Number(await world.redis.cli('pttl', key))] as const));
  expect(lives.filter(([, ms]) => ms === -1)).toEqual([]);
});
