import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { problemOf, startRefreshWorld, statuses, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

beforeAll(async () => {
  world = await startRefreshWorld({ apps: 2 });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const call = (browser: Browser) => browser.api.get('/proxy/acme/invoices');
const sentRefreshTokens = () =>
  world.server.tokenCalls
    .filter(({ grantType }) => grantType === 'refresh_token')
    .map(({ parameters }) => parameters.get('refresh_token'));

test('a new refresh token is stored and used the next time', async () => {
  const browser = await world.connected();
  world.forward(3600);
  expect((await call(browser)).status).toBe(200);
  world.forward(3600);
  expect((await call(browser)).status).toBe(200);
  const [first, second] = sentRefreshTokens();
  expect(second).not.toBe(first);
  expect((await world.state(browser)).last_refresh).toMatchObject({ result: 'rotated' });
});

test.each([
  ['leaves the refresh token out', { refresh_token: undefined }],
  ['gives null', { refresh_token: null }],
  ['gives an empty one', { refresh_token: '' }],
])('an answer that %s keeps the old one in force', async (_name, body) => {
  const browser = await world.connected();
  world.server.options.rotation = false;
  try {
    world.server.bend.token = { on: 'refresh_token', body };
    for (let round = 0; round < 2; round++) {
      world.forward(3600);
      expect((await call(browser)).status).toBe(200);
    }
    const [first, second] = sentRefreshTokens();
    expect(second).toBe(first);
    expect((await world.state(browser)).last_refresh).toMatchObject({ result: 'refreshed' });
  } finally {
    world.server.options.rotation = true;
  }
});

test('a server that hands out the same access token again, now living longer, is asked once', async () => {
  const browser = await world.connected();
  await call(browser);
  const same = world.upstream.last.bearer;
  const { grants } = world.server;
  const { accepts } = grants;
  grants.accepts = (token) => token === same || accepts(token);
  try {
    world.server.bend.token = { on: 'refresh_token', wait: 100, body: { access_token: same } };
    world.forward(3600);
    const views = world.apps.map(({ port }) => world.at(browser, port));
    expect(await statuses(20, (index) => call(views[index % 2] ?? browser))).toEqual(Array(20).fill(200));
    expect(world.refreshes()).toBe(1);
    expect((await world.state(browser)).access?.expires_in).toBeGreaterThan(3500);
  } finally {
    grants.accepts = accepts;
  }
});

test('the scope is stored as it was returned', async () => {
  const browser = await world.connected();
  world.server.bend.token = { on: 'refresh_token', body: { scope: 'openid email' } };
  world.forward(3600);
  expect((await call(browser)).status).toBe(200);
  expect((await world.state(browser)).scopes?.granted).toEqual(['openid', 'email']);
});

test('a scope that is not repeated stays what it was', async () => {
  const browser = await world.connected();
  const before = (await world.state(browser)).scopes?.granted;
  world.server.bend.token = { on: 'refresh_token', body: { scope: undefined } };
  world.forward(3600);
  expect((await call(browser)).status).toBe(200);
  expect((await world.state(browser)).scopes?.granted).toEqual(before);
});

test.each(['mac', 'DPoP'])('the token type %s where Bearer was granted ends the connection', async (token_type) => {
  const browser = await world.connected();
  world.server.bend.token = { on: 'refresh_token', body: { token_type } };
  world.forward(3600);
  expect(problemOf(await call(browser))).toMatchObject({ status: 401, code: 'reauth_required' });
  expect((await call(browser)).status).toBe(401);
  expect(world.refreshes()).toBe(1);
});

test('tokens of another subject end the connection', async () => {
  const browser = await world.connected();
  world.server.bend.idToken = { claims: { sub: 'somebody-else' } };
  world.forward(3600);
  expect(problemOf(await call(browser))).toMatchObject({ status: 401, code: 'reauth_required' });
  expect(world.upstream.requests).toHaveLength(0);
  expect((await world.state(browser)).status).toBe('reauth_required');
});

test('an answer without a lifetime lasts for the default one', async () => {
  const browser = await world.connected();
  world.server.bend.token = { on: 'refresh_token', body: { expires_in: undefined } };
  world.forward(3600);
  expect(await statuses(5, () => call(browser))).toEqual(Array(5).fill(200));
  expect((await world.state(browser)).access).toMatchObject({ source: 'default' });
  world.forward(3000);
  expect((await call(browser)).status).toBe(200);
  expect(world.refreshes()).toBe(1);
});

test('expires_at shortens a life and never extends it', async () => {
  const browser = await world.connected();
  const answer = (expires_at: number) => ({ on: 'refresh_token' as const, body: { expires_in: 3600, expires_at } });
  world.forward(3600);
  world.server.bend.token = answer(Math.floor(world.now() / 1000) + 900_000);
  await call(browser);
  expect((await world.state(browser)).access).toMatchObject({ source: 'expires_in' });
  expect((await world.state(browser)).access?.expires_in).toBeLessThanOrEqual(3600);
  world.forward(3600);
  world.server.bend.token = answer(Math.floor(world.now() / 1000) + 600);
  await call(browser);
  expect((await world.state(browser)).access?.expires_in).toBeLessThanOrEqual(600);
});

test('a life of 30 seconds does not cost a refresh per call', async () => {
  const browser = await world.connected();
  world.server.bend.token = { on: 'refresh_token', body: { expires_in: 30 } };
  world.forward(3600);
  for (let second = 0; second < 20; second++) {
    expect((await call(browser)).status).toBe(200);
    world.forward(1);
  }
  expect(world.refreshes()).toBe(1);
  world.forward(10);
  expect((await call(browser)).status).toBe(200);
  expect(world.refreshes()).toBe(2);
});
