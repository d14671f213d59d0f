import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { createBrowser } from '../world/browser.js';
import { tokenError } from '../world/misbehaving/token-answer.js';
import { problemOf, startRefreshWorld, statuses, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

beforeAll(async () => {
  const application = { grant: 'client_credentials', access: { sessions_with: ['acme:person-1'] } };
  const closed = { grant: 'client_credentials', access: 'none' };
  world = await startRefreshWorld({
    apps: 2,
    providers: {
      acme: {},
      machine: { protocol: 'oauth2', more: application },
      closed: { protocol: 'oauth2', more: closed },
    },
  });
});
afterEach(async () => {
  world.reset();
  world.server.person.sub = 'person-1';
  await world.redis.cli('flushall');
});
afterAll(() => world.close());

const call = (browser: Browser) => browser.api.get('/proxy/machine/invoices');
const tokenCalls = () => world.server.tokenCallsOf('client_credentials');

test('100 calls of several people over two processes are served with one token', async () => {
  const people = [await world.connected(), await world.connected(), await world.connected()];
  const views = people.flatMap((browser) => world.apps.map(({ port }) => world.at(browser, port)));
  const stranger = createBrowser(world.app.url);
  world.server.bend.token = { on: 'client_credentials', wait: 200 };
  for (let round = 1; round <= 2; round++) {
    const answers = await statuses(100, (index) => call(views[index % views.length] ?? stranger));
    expect(answers).toEqual(Array(100).fill(200));
    expect(tokenCalls()).toBe(round);
    world.forward(3600);
    for (const browser of people) await browser.api.post('/api/connections/acme/refresh');
  }
  expect(new Set(world.upstream.requests.map(({ bearer }) => bearer)).size).toBe(2);
});

test('the token outlives the logout of the person whose call it was made for', async () => {
  const [first, second] = [await world.connected(), await world.connected()];
  expect((await call(first)).status).toBe(200);
  await first.api.post('/logout');
  expect((await call(second)).status).toBe(200);
  expect(tokenCalls()).toBe(1);
});

test('sessions that `access` does not name are refused, and cost no token', async () => {
  const browser = await world.connected();
  expect(problemOf(await browser.api.get('/proxy/closed/x'))).toMatchObject({ status: 403, code: 'access_denied' });
  world.server.person.sub = 'person-2';
  const stranger = await world.connected();
  expect(problemOf(await call(stranger))).toMatchObject({ status: 403, code: 'access_denied' });
  expect(problemOf(await call(createBrowser(world.app.url)))).toMatchObject({ status: 401, code: 'login_required' });
  expect(tokenCalls()).toBe(0);
  expect(world.upstream.requests).toHaveLength(0);
});

test('there is nothing to connect, and nothing to refresh by hand', async () => {
  const browser = await world.connected();
  expect((await browser.navigate('/connect/machine', { follow: false })).status).toBe(404);
  expect((await browser.api.post('/connect/machine')).status).toBe(404);
  expect((await browser.api.post('/api/connections/machine/refresh')).status).toBe(409);
});

test.each(['invalid_grant', 'access_denied', 'anything_else', 'invalid_client'])(
  'the refusal %s is the operator’s, is not asked for per call, and passes when it is mended',
  async (error) => {
    const browser = await world.connected();
    world.server.bend.token = { ...tokenError(error, 400), on: 'client_credentials' };
    expect(problemOf(await call(browser))).toMatchObject({ status: 502, code: 'provider_misconfigured' });
    expect(await statuses(10, () => call(browser))).toEqual(Array(10).fill(502));
    expect(tokenCalls()).toBe(1);
    world.server.bend = {};
    world.forward(60);
    expect((await call(browser)).status).toBe(200);
  },
);

test('a stored token that cannot be read is replaced', async () => {
  const browser = await world.connected();
  await call(browser);
  const [key = ''] = (await world.redis.cli('keys', '*app-machine*connection*')).split('\n');
  await world.redis.cli('set', key, 'damaged');
  expect((await call(browser)).status).toBe(200);
  expect((await call(browser)).status).toBe(200);
  expect(tokenCalls()).toBe(2);
});

test('an application’s token that the API refuses is renewed once', async () => {
  const browser = await world.connected();
  await call(browser);
  world.server.grants.expireAccessTokens();
  expect(await statuses(20, () => call(browser))).toEqual(Array(20).fill(200));
  expect(tokenCalls()).toBe(2);
});
