import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createBrowser } from '../world/browser.js';
import { tokenError } from '../world/misbehaving/token-answer.js';
import { problemOf, startRefreshWorld, statuses, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

beforeAll(async () => {
  world = await startRefreshWorld({ providers: { acme: {}, mute: { protocol: 'oauth2' } } });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const path = '/api/connections/acme/refresh';

test('renews a token that is still good and answers with the connection', async () => {
  const browser = await world.connected();
  const answer = await browser.api.post(path);
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ provider: 'acme', status: 'connected', last_refresh: { result: 'rotated' } });
  expect(world.refreshes()).toBe(1);
});

test('twenty at once are one token call', async () => {
  const browser = await world.connected();
  world.server.bend.token = { on: 'refresh_token', wait: 200 };
  expect(await statuses(20, () => browser.api.post(path))).toEqual(Array(20).fill(200));
  expect(world.refreshes()).toBe(1);
});

test('pressed again and again it costs the provider thirty token calls a minute, and the connection serves on', async () => {
  const browser = await world.connected();
  const answers: number[] = [];
  for (let round = 0; round < 35; round += 1) answers.push(...(await statuses(4, () => browser.api.post(path))));
  expect(world.refreshes()).toBe(30);
  expect(new Set(answers)).toEqual(new Set([200, 429]));
  const told = await browser.api.post(path);
  expect(problemOf(told)).toMatchObject({ status: 429, code: 'rate_limited' });
  expect(Number(told.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect((await browser.api.get('/proxy/acme/x')).status).toBe(200);
  // Of this connection alone: another person, and a call that needs new tokens, are not held up by it.
  expect((await (await world.connected()).api.post(path)).status).toBe(200);
  world.forward(3600);
  expect((await browser.api.get('/proxy/acme/x')).status).toBe(200);
  expect(world.refreshes()).toBe(32);
});

test('without a session and without a connection: 401', async () => {
  const stranger = createBrowser(world.app.url);
  expect(problemOf(await stranger.api.post(path))).toMatchObject({ status: 401, code: 'login_required' });
  const browser = await world.connected('mute');
  expect(problemOf(await browser.api.post(path))).toMatchObject({ status: 401, code: 'not_connected' });
});

test('without X-CSRF: 403, and no token call', async () => {
  const browser = await world.connected();
  expect((await browser.post(path, { accept: 'application/json' })).status).toBe(403);
  expect(world.refreshes()).toBe(0);
});

test('a grant that is over: 401 reauth_required', async () => {
  const browser = await world.connected();
  world.server.bend.token = tokenError('invalid_grant');
  expect(problemOf(await browser.api.post(path))).toMatchObject({ status: 401, code: 'reauth_required' });
  expect(problemOf(await browser.api.post(path))).toMatchObject({ status: 401, code: 'reauth_required' });
  expect(world.refreshes()).toBe(1);
});

test('no refresh token: 409 not_refreshable', async () => {
  world.server.bend.token = { body: { refresh_token: undefined } };
  const browser = await world.connected('mute');
  const answer = await browser.api.post('/api/connections/mute/refresh');
  expect(problemOf(answer)).toMatchObject({ status: 409, code: 'not_refreshable' });
});

test('a server that is down: 503 with Retry-After also while the old token is good, and the pause is kept', async () => {
  const browser = await world.connected();
  world.server.bend.token = { on: 'refresh_token', reply: { status: 500 } };
  for (let count = 0; count < 3; count++) {
    const answer = await browser.api.post(path);
    expect(problemOf(answer)).toMatchObject({ status: 503, code: 'refresh_unavailable' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  }
  expect(world.refreshes()).toBe(1);
  expect((await browser.api.get('/proxy/acme/x')).status).toBe(200);
});

test('a wrong client: 502 provider_misconfigured', async () => {
  const browser = await world.connected();
  world.server.bend.token = tokenError('invalid_client');
  expect(problemOf(await browser.api.post(path))).toMatchObject({ status: 502, code: 'provider_misconfigured' });
});
