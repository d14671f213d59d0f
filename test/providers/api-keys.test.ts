import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createBrowser, type Browser } from '../world/browser.js';
import { jsonReply } from '../world/reply.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import { startDialects, type Dialect, type DialectWorld } from './dialect-world.js';

const good = 'key-of-the-person-0123456789';
const other = 'key-of-another-0123456789';
const owners: Record<string, object | undefined> = {
  [good]: { id: 7, name: 'Jo Books' },
  [other]: { id: 8, name: 'Vik Books' },
};
let isDown = false;

const books = (api: object = {}): Dialect => ({
  file: {
    grant: 'api_key',
    endpoints: null,
    api: { token: { header: 'X-Key' }, ...api },
    account: { source: 'api', request: { path: '/self' }, subject: 'id', label: ['name'] },
    confirm: 'on_change',
  },
  answer: ({ headers, path }) => {
    if (isDown) return { status: 503 };
    const owner = owners[String(headers['x-key'])];
    if (!owner) return jsonReply({ message: `no ${String(headers['x-key'])}` }, 401);
    return path === '/api/self' ? jsonReply(owner) : jsonReply({ ok: true });
  },
});

let redis: RedisServer;
let world: DialectWorld;
beforeAll(async () => {
  redis = await startRedis();
  world = await startDialects({ books: books() }, { REDIS_URL: redis.url });
});
beforeEach(() => void (isDown = false));
afterAll(async () => {
  await world.close();
  await redis.stop();
});

const give = (browser: Browser, key: string, more: object = {}) =>
  browser.api.post('/connect/books', {
    json: { key, return_to: '/', ...more },
    headers: { accept: 'application/json' },
  });
const connections = async (browser: Browser) =>
  ((await browser.api.get('/api/connections')).json as { connections: { id: string; account: { label: string } }[] })
    .connections;

test('a person gives a key on our page, and calls carry it', async () => {
  const browser = createBrowser(world.app.url);
  const page = await browser.navigate('/connect/books?return_to=/', { from: browser.base });
  expect(page.text).toMatch(/<input id="key" name="key" type="password"/);
  expect(world.heard('books')).toEqual([]);
  const done = await browser.submit(page, { values: { key: ` ${good} ` } });
  expect([done.status, done.location?.searchParams.get('connected')]).toEqual([303, 'books']);
  expect(await world.state(browser, 'books')).toMatchObject({
    status: 'connected',
    account: { subject: '7', label: 'Jo Books' },
    access: { expires_at: null, refreshable: false },
  });
  expect((await browser.api.get('/proxy/books/invoices')).status).toBe(200);
  expect(world.heard('books', '/api/self')).toHaveLength(1);
  expect(world.heard('books', '/api/invoices').at(-1)?.headers['x-key']).toBe(good);
  world.app.forward(5 * 86_400);
  expect((await browser.api.get('/proxy/books/invoices')).status).toBe(200);
});

test('a key stands in no log, page, answer or record in the clear', async () => {
  const browser = createBrowser(world.app.url);
  const answer = await give(browser, good);
  expect(answer.status).toBe(200);
  const { authorize_url: next } = answer.json as { authorize_url: string };
  expect(next).toContain('connected=books');
  const shown = await browser.navigate('/connections/books', { from: browser.base });
  const everything = [answer.text, shown.text, JSON.stringify(await connections(browser)), ...world.app.lines];
  for (const text of everything) expect(text).not.toContain(good);
  for (const key of (await redis.cli('--raw', 'keys', '*')).trim().split('\n')) {
    expect(key).not.toContain(good);
    const value = await redis.cli('--raw', 'get', key).catch(() => '');
    expect(value).not.toContain(good);
    expect(Number(await redis.cli('--raw', 'pttl', key))).toBeGreaterThan(0);
  }
});

describe('is refused, and nothing is stored:', () => {
  test('a key that the API does not accept, on the page and as JSON', async () => {
    const browser = createBrowser(world.app.url);
    const answer = await give(browser, 'a-wrong-key-0123456789');
    expect([answer.status, answer.headers['x-gatehouse-error'] ?? (answer.json as { code: string }).code]).toEqual([
      403,
      'access_denied',
    ]);
    const page = await browser.navigate('/connect/books', { from: browser.base });
    const again = await browser.submit(page, { values: { key: 'a-wrong-key-0123456789' } });
    expect(again.status).toBe(403);
    expect(again.text).toContain('does not accept this key');
    expect(again.text).not.toContain('a-wrong-key');
    expect(world.app.lines.join('')).not.toContain('a-wrong-key');
    expect((await world.state(browser, 'books')).status).toBe('not_connected');
  });

  test('a key in an address', async () => {
    const browser = createBrowser(world.app.url);
    const asked = world.heard('books').length;
    for (const answer of [
      await browser.navigate(`/connect/books?key=${good}`, { from: browser.base }),
      await browser.api.post(`/connect/books?key=${good}`, { json: {} }),
    ])
      expect(answer.status).toBe(400);
    expect(world.heard('books')).toHaveLength(asked);
    expect(world.app.lines.join('')).not.toContain(good);
  });

  test.each([
    ['with a line break', 'a\r\nX-Injected: 1'],
    ['longer than any', 'k'.repeat(5000)],
    ['outside ASCII', 'nøkkel'],
  ])('a key %s, which is not even tried', async (_what, key) => {
    const asked = world.heard('books').length;
    expect((await give(createBrowser(world.app.url), key)).status).toBe(403);
    expect(world.heard('books')).toHaveLength(asked);
  });

  test('a key without proof that our page or front end sends it', async () => {
    const browser = createBrowser(world.app.url);
    const answer = await browser.request('POST', '/connect/books', { form: { key: good } });
    expect(answer.status).toBe(403);
    expect((await world.state(browser, 'books')).status).toBe('not_connected');
  });

  test('a key while the API cannot say', async () => {
    isDown = true;
    const answer = await give(createBrowser(world.app.url), good);
    expect([answer.status, (answer.json as { code: string }).code]).toEqual([502, 'upstream_invalid_response']);
  });
});

test('the same account given twice is one connection, and another account a second one', async () => {
  const browser = createBrowser(world.app.url);
  await give(browser, good);
  await give(browser, good, { as: 'new' });
  expect((await connections(browser)).map(({ account }) => account.label)).toEqual(['Jo Books']);
  await give(browser, other, { as: 'new' });
  expect((await connections(browser)).map(({ account }) => account.label).sort()).toEqual(['Jo Books', 'Vik Books']);
});

test('a key that is withdrawn at the provider asks for another one', async () => {
  const browser = createBrowser(world.app.url);
  await give(browser, other);
  const owner = owners[other]!;
  owners[other] = undefined;
  try {
    for (let calls = 0; calls < 3; calls += 1) await browser.api.get('/proxy/books/invoices');
    expect((await world.state(browser, 'books')).status).toBe('reauth_required');
  } finally {
    owners[other] = owner;
  }
});

test.each<[string, Dialect, RegExp]>([
  ['no call that tries a key', { file: { grant: 'api_key', endpoints: null } }, /needs a call that tries a key/],
  ['a client id', { ...books(), env: { ACME_CLIENT_ID: 'x' } }, /ACME_CLIENT_ID: acme is connected with keys/],
  ['an authorization server', { env: { ACME_OFFERED: 'true', ACME_CLIENT_ID: '' } }, /ACME_OFFERED: acme has an auth/],
])('a provider with %s stops the start', async (_what, dialect, problem) => {
  await expect(startDialects({ acme: dialect })).rejects.toThrow(problem);
});
