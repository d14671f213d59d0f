import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createConnection } from 'node:net';
import { eventually } from '../world/redis.js';
import { jsonReply } from '../world/reply.js';
import { problemOf, startRefreshWorld, statuses, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

beforeAll(async () => {
  world = await startRefreshWorld({
    apps: 2,
    providers: {
      acme: {},
      probed: { api: { auth_probe: { path: '/probe' } } },
      mute: { protocol: 'oauth2', more: { revocation: { token: 'off' } } },
    },
  });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const call = (browser: Awaited<ReturnType<RefreshWorld['connected']>>) => browser.api.get('/proxy/acme/invoices');

test('an unexpired token that the API refuses is renewed once, and the call is made again', async () => {
  const browser = await world.connected();
  for (let round = 1; round <= 2; round++) {
    world.server.grants.expireAccessTokens();
    expect((await call(browser)).status).toBe(200);
    expect(world.refreshes()).toBe(round);
  }
  expect(world.upstream.requests).toHaveLength(4);
});

test('50 calls that are refused at once cost one renewal in all', async () => {
  const browser = await world.connected();
  world.server.grants.expireAccessTokens();
  expect(await statuses(50, () => call(browser))).toEqual(Array(50).fill(200));
  expect(world.refreshes()).toBe(1);
});

test('an API that refuses every token is passed on, and is not worth a renewal per call', async () => {
  const browser = await world.connected();
  world.upstream.answer(/./, jsonReply({ error: 'maintenance' }, 401));
  const first = await call(browser);
  expect(first.status).toBe(401);
  expect(first.headers['x-gatehouse-error']).toBeUndefined();
  expect(first.json).toEqual({ error: 'maintenance' });
  expect(world.upstream.requests).toHaveLength(2);

  expect(await statuses(40, () => call(browser))).toEqual(Array(40).fill(401));
  for (let count = 0; count < 10; count++) expect((await call(browser)).status).toBe(401);
  expect(world.refreshes()).toBe(1);
  world.forward(61);
  expect(await statuses(10, () => call(browser))).toEqual(Array(10).fill(401));
  expect(world.refreshes()).toBe(2);

  world.upstream.reset();
  expect((await call(browser)).status).toBe(200);
});

test('a renewed token that is refused as well: the person is told to connect again, until the API takes a call', async () => {
  const browser = await world.connected();
  world.upstream.answer(/./, jsonReply({}, 401));
  expect((await call(browser)).status).toBe(401);
  expect((await world.state(browser)).status).toBe('reauth_required');
  expect((await world.state(browser)).access?.refreshable).toBe(true);
  world.upstream.reset();
  expect((await call(browser)).status).toBe(200);
  await eventually(async () => (await world.state(browser)).status === 'connected');

  world.forward(61);
  world.upstream.answer(/./, jsonReply({}, 401));
  expect((await call(browser)).status).toBe(401);
  expect((await world.state(browser)).status).toBe('reauth_required');
  expect((await browser.api.post('/api/connections/acme/refresh')).json).toMatchObject({ status: 'connected' });
});

test('one endpoint that refuses every token does not end a connection that serves elsewhere', async () => {
  const browser = await world.connected();
  world.upstream.answer('/v1/odd', jsonReply({}, 401));
  for (let round = 0; round < 3; round += 1) {
    expect((await call(browser)).status).toBe(200);
    expect((await browser.api.get('/proxy/acme/odd')).status).toBe(401);
    expect((await world.state(browser)).status).toBe('connected');
  }
  expect(world.refreshes()).toBeLessThanOrEqual(3);

  // Nothing else is taken any longer: the second refusal of the new token in a row tells.
  world.upstream.answer(/./, jsonReply({}, 401));
  expect((await call(browser)).status).toBe(401);
  expect((await world.state(browser)).status).toBe('reauth_required');
});

test.each([
  ['', []],
  [' behind another call', ['silent']],
])('a renewal that nobody%s stayed to try says nothing against the new token', async (_, before) => {
  const browser = await world.connected();
  world.upstream.answer('/v1/silent', { instead: 'hang' });
  world.server.grants.expireAccessTokens();
  let asked: () => void = () => undefined;
  const underWay = new Promise<void>((resolve) => (asked = resolve));
  let answer: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (answer = resolve));
  world.server.bend.token = {
    on: 'refresh_token',
    times: 1,
    get wait() {
      asked();
      return released;
    },
  };
  const head = `Host: localhost:${world.app.port}\r\nX-CSRF: 1\r\nCookie: ${browser.cookieHeader() ?? ''}`;
  const calls = [...before, 'invoices'].map((name) => `GET /proxy/acme/${name} HTTP/1.1\r\n${head}\r\n\r\n`);
  const caller = createConnection(world.app.port, '127.0.0.1');
  caller.write(calls.join(''));
  await underWay;
  caller.destroy();
  const metrics = async () => (await fetch(`http://127.0.0.1:${world.app.metricsPort}/metrics`)).text();
  await eventually(async () => (await metrics()).includes('gatehouse_calls_in_flight 0'));
  answer();
  await eventually(async () => (await world.state(browser)).last_refresh !== null);
  world.server.grants.expireAccessTokens();
  expect((await call(browser)).status).toBe(200);
  expect(world.refreshes()).toBe(2);
});

test('where the provider has a test call, it decides whether a token that was refused twice is at fault', async () => {
  const browser = await world.connected('probed');
  const ask = () => browser.api.get('/proxy/probed/invoices');
  world.upstream.answer('/v1/invoices', jsonReply({}, 401));
  let probed = 0;
  world.upstream.answer('/v1/probe', () => (probed++ === 0 ? jsonReply({}, 401) : undefined));
  expect((await ask()).status).toBe(401);
  expect([world.refreshes(), probed]).toEqual([1, 2]);
  expect((await world.state(browser, 'probed')).status).toBe('connected');

  world.forward(61);
  world.upstream.answer('/v1/probe', jsonReply({}, 401));
  expect((await ask()).status).toBe(401);
  expect((await world.state(browser, 'probed')).status).toBe('reauth_required');
});

test('50 calls that are refused at once at two processes cost one renewal in all', async () => {
  const browser = await world.connected();
  const views = world.apps.map(({ port }) => world.at(browser, port));
  world.server.grants.expireAccessTokens();
  const answers = await statuses(50, (index) => call(views[index % 2] ?? browser));
  expect(answers).toEqual(Array(50).fill(200));
  expect(world.refreshes()).toBe(1);
});

test('a server that hands out the refused token again is not asked with every call', async () => {
  const browser = await world.connected();
  await call(browser);
  const same = world.upstream.last.bearer;
  world.server.bend.token = { on: 'refresh_token', body: { access_token: same } };
  world.upstream.answer(/./, jsonReply({}, 401));
  for (let count = 0; count < 5; count += 1) expect((await call(browser)).status).toBe(401);
  expect(world.refreshes()).toBe(1);
});

test('the grant that turns out to be over at an API’s 401 is told as such', async () => {
  const browser = await world.connected();
  world.server.grants.endAll();
  expect(problemOf(await call(browser))).toEqual({ status: 401, code: 'reauth_required', marked: 'reauth_required' });
  expect(await statuses(5, () => call(browser))).toEqual(Array(5).fill(401));
  expect(world.refreshes()).toBe(1);
});

test('a token that cannot be replaced because the store takes no writes is 503, and not the API’s 401', async () => {
  const browser = await world.connected();
  world.server.grants.expireAccessTokens();
  await world.redis.cli('config', 'set', 'maxmemory', '1');
  try {
    const answers = await Promise.all([1, 2, 3].map(() => call(browser)));
    const expected = { status: 503, code: 'store_unavailable', marked: 'store_unavailable' };
    expect(answers.map(problemOf)).toEqual([expected, expected, expected]);
    expect(answers.every(({ headers }) => headers['retry-after'] !== undefined)).toBe(true);
    expect(world.refreshes()).toBe(0);
  } finally {
    await world.redis.cli('config', 'set', 'maxmemory', '0');
  }
  expect((await call(browser)).status).toBe(200);
});

test('an API’s 401 is passed on while the token endpoint is down', async () => {
  const browser = await world.connected();
  world.server.grants.expireAccessTokens();
  world.server.bend.token = { on: 'refresh_token', reply: { status: 500 } };
  const answers = await Promise.all([1, 2, 3].map(() => call(browser)));
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(answers.map(({ headers }) => headers['x-gatehouse-error'])).toEqual([undefined, undefined, undefined]);
  expect(world.refreshes()).toBe(1);
});

test.each([
  ['no', 0, 2],
  ['a small', 1_000, 2],
  ['a 64 KiB', 65_536, 2],
  ['a larger', 65_537, 1],
])('%s body is sent again exactly, or not at all', async (_name, size, sent) => {
  const browser = await world.connected();
  world.server.grants.expireAccessTokens();
  const body = Buffer.alloc(size, 'äbc\0');
  const answer = await browser.api.post('/proxy/acme/invoices', { body });
  expect(answer.status).toBe(sent === 2 ? 200 : 401);
  const received = world.upstream.requests;
  const hash = createHash('sha256').update(body).digest('hex');
  expect(received.map((request) => request.hash)).toEqual(Array(sent).fill(hash));
  expect(new Set(received.map(({ bearer }) => bearer)).size).toBe(sent);
  expect((await call(browser)).status).toBe(200);
});

test('a token that cannot be renewed and is refused is passed on where no test call can tell why', async () => {
  world.server.bend.token = { body: { refresh_token: undefined } };
  const browser = await world.connected('mute');
  world.server.grants.expireAccessTokens();
  expect((await browser.api.get('/proxy/mute/invoices')).status).toBe(401);
  expect((await world.state(browser, 'mute')).status).toBe('reauth_required');
  expect(world.server.calls.token).toBe(1);
});
