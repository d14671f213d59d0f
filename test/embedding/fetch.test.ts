import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { jsonReply } from '../world/reply.js';
import { nextTold, popupOf, startEmbeddingWorld, type EmbeddingWorld } from './world.js';

let it: EmbeddingWorld;
beforeAll(async () => {
  it = await startEmbeddingWorld();
});
afterAll(() => it.close());
beforeEach(async () => {
  await it.chromium.context.clearCookies();
  it.world.upstream.reset();
  it.complaints.length = 0;
});

/** A page that is connected and keeps what listeners are told in `changes`. */
async function connected(options: Parameters<EmbeddingWorld['open']>[1] = {}): Promise<Page> {
  const script =
    'globalThis.changes = []; gatehouse.onChange(({ session, connections: [acme] }) => changes.push([session.active, acme.status]));';
  const page = await it.open('<connect-button provider="acme" popup></connect-button>', { ...options, script });
  await (await popupOf(page)).click('#allow');
  await nextTold(page, 'connected');
  await page.evaluate('changes.length = 0');
  return page;
}

/** What a call came to: status and text, or the members of the error. */
function call(page: Page, ...args: unknown[]): Promise<unknown> {
  return page.evaluate(
    `gatehouse.fetch(...${JSON.stringify(args)}).then(async (answer) => [answer.status, await answer.text()],
      (error) => error instanceof gatehouse.GatehouseError ? { ...error, message: error.message } : String(error))`,
  );
}

test.each(['own', 'allowed'] as const)(
  "a page of the %s origin gets the provider's answers as they are",
  async (which) => {
    const page = await connected(which === 'allowed' ? { origin: it.allowed } : {});
    const { upstream } = it.world;
    upstream.answer('/invoices', jsonReply({ error: { code: 'not_theirs' } }, 422));
    const init = { method: 'POST', body: '{"a":1}', headers: { 'Content-Type': 'application/json', 'X-CSRF': '0' } };
    expect(await call(page, 'acme', '/invoices?from=1', init)).toEqual([422, '{"error":{"code":"not_theirs"}}']);
    expect(upstream.last).toMatchObject({ method: 'POST', url: '/invoices?from=1' });
    expect(upstream.last.body.toString()).toBe('{"a":1}');
    expect(upstream.last.bearer).toMatch(/./);
    expect(upstream.last.headers).not.toHaveProperty('x-csrf');
    await call(page, 'acme', '');
    expect(upstream.last.url).toBe('/');
    expect(it.complaints).toEqual([]);
  },
);

test("Gatehouse's own answers become errors with all that they tell", async () => {
  const page = await connected();
  it.world.upstream.answer('/gone', { instead: 'cut' });
  expect(await call(page, 'acme', '/gone')).toMatchObject({
    name: 'GatehouseError',
    code: expect.stringMatching(/^upstream_/),
    status: expect.any(Number),
    requestId: expect.stringMatching(/^[\w-]{12}$/),
  });
  await page.evaluate('gatehouse.disconnect("acme")');
  expect(await call(page, 'acme', '/invoices')).toMatchObject({
    code: 'not_connected',
    status: 401,
    provider: 'acme',
    connectUrl: `${it.gate}/connect/acme`,
    requestId: expect.stringMatching(/^[\w-]{12}$/),
  });
  expect(await call(page, 'acme', '/invoices', { method: 'HEAD' })).toMatchObject({
    code: 'not_connected',
    status: 401,
  });
});

test('tells how long to wait, where Gatehouse does', async () => {
  const page = await connected();
  it.world.server.bend = { token: { reply: { status: 503 } } };
  it.world.forward(2 * 3600);
  try {
    expect(await call(page, 'acme', '/invoices')).toMatchObject({
      code: 'refresh_unavailable',
      status: 503,
      retryAfter: expect.any(Number),
    });
  } finally {
    it.world.server.bend = {};
  }
});

test.each([
  ['acme', '/../../logout', 'invalid_request'],
  ['acme', '%2e%2e/%2e%2e/logout', 'invalid_request'],
  ['acme', '..\\..\\logout', 'invalid_request'],
  ['acme', '/a/../../books/x', 'invalid_request'],
  ['..', 'logout', 'unknown_provider'],
  ['acme/../../api', 'session', 'unknown_provider'],
])('fetch(%j, %j) leaves the API of its provider for nothing', async (provider, path, code) => {
  const page = await it.open();
  const asked: string[] = [];
  page.on('request', (each) => asked.push(each.url()));
  expect(await call(page, provider, path, { method: 'POST' })).toMatchObject({ code });
  expect(asked).toEqual([]);
});

test('a path that looks like another host is a path', async () => {
  const page = await connected();
  await call(page, 'acme', '//evil.test/x');
  expect(it.world.upstream.last.url).toBe('//evil.test/x');
});

test('what fetch throws when nobody answers stays what it is', async () => {
  const page = await connected();
  await page.route('**/proxy/**', (route) => route.abort());
  expect(await call(page, 'acme', '/x')).toMatch(/^TypeError/);
});

test('listeners are told of a session that ended, in this tab and in another, once', async () => {
  const page = await connected();
  const other = await it.open('', {
    script:
      'globalThis.change = new Promise((resolve) => gatehouse.onChange(({ session }) => resolve(session.active)));',
  });
  await it.world.browser.newBrowser().api.post(`${it.gate}/logout`, {
    headers: {
      cookie: (await it.chromium.context.cookies(it.gate)).map(({ name, value }) => `${name}=${value}`).join('; '),
    },
  });
  const [first] = (await Promise.all([call(page, 'acme', '/a'), call(page, 'acme', '/b')])) as { code: string }[];
  expect(first?.code).toBe('login_required');
  expect(await other.evaluate('change')).toBe(false);
  expect(await call(page, 'acme', '/c')).toMatchObject({ code: 'login_required' });
  await page.evaluate('gatehouse.session()');
  expect(await page.evaluate('changes')).toEqual([[false, 'not_connected']]);
});

test('listeners are told of disconnect and logout in every tab, until they stop listening', async () => {
  const page = await connected();
  const script = `globalThis.changes = [];
globalThis.next = () => new Promise((resolve) => { const stop = gatehouse.onChange(({ connections: [acme] }) => { stop(); resolve(acme.status); }); });
globalThis.waiting = next();`;
  const other = await it.open('', { script });
  expect(await page.evaluate("gatehouse.disconnect('acme')")).toEqual({ provider: 'acme', revocation: 'revoked' });
  expect(await other.evaluate('waiting')).toBe('not_connected');
  await other.evaluate('globalThis.waiting = next(); undefined');
  expect(await page.evaluate('gatehouse.logout()')).toEqual({ revocations: [] });
  expect(await other.evaluate('waiting')).toBe('not_connected');
  expect(await page.evaluate('changes')).toEqual([
    [true, 'not_connected'],
    [false, 'not_connected'],
  ]);
});

test('callers at the same moment share one question for the session', async () => {
  const page = await it.open();
  let asked = 0;
  page.on('request', (each) => (asked += Number(each.url().endsWith('/api/session'))));
  await page.evaluate('Promise.all([gatehouse.session(), gatehouse.session(), gatehouse.session()])');
  expect(asked).toBe(1);
});

test('an answer that is not from Gatehouse is an error of its own', async () => {
  const page = await it.open();
  await page.route('**/api/session', (route) =>
    route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway' }),
  );
  const error = 'gatehouse.session().catch(({ code, status }) => [code, status])';
  expect(await page.evaluate(error)).toEqual(['unexpected_answer', 502]);
  await page.unroute('**/api/session');
  await page.route('**/api/session', (route) =>
    route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Sign in' }),
  );
  expect(await page.evaluate(error)).toEqual(['unexpected_answer', 200]);
});

test('a page of an origin that nobody allowed loads nothing and is told nothing', async () => {
  const page = await it.open('', { origin: it.stranger });
  expect(await page.evaluate('typeof gatehouse')).toBe('undefined');
  const tried = await page.evaluate(
    `Promise.all(['gatehouse.js', 'gatehouse.d.ts', 'api/session', 'api/popups/${'d'.repeat(22)}'].map((path) =>
      fetch('${it.gate}/' + path, { credentials: 'include' }).then(() => 'read', () => 'nothing')))`,
  );
  expect(tried).toEqual(['nothing', 'nothing', 'nothing', 'nothing']);
  it.complaints.length = 0;
});
