import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { eventually } from '../world/redis.js';
import { jsonReply } from '../world/reply.js';
import { gate, outcome, sessionCookie, startSessionWorld, type SessionWorld } from './session-world.js';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({}, ['acme', 'second']);
});
beforeEach(async () => {
  world.upstream.reset();
  world.server.reset();
  await world.redis.cli('flushall');
});
afterAll(() => world.close());

const replay = (browser: Browser) => {
  const headers = { cookie: `${sessionCookie}=${browser.cookie(sessionCookie)?.value ?? ''}`, 'x-csrf': '1' };
  return async () => {
    const proxied = await world.browser().get('/proxy/acme/x', { headers });
    const session = await world.browser().get('/api/session', { headers });
    return [outcome(proxied), session.text.includes('"active":true')];
  };
};
/** What is left of browsers in Redis; counters of addresses do not count. */
const records = async () => (await world.keys()).filter((key) => !key.startsWith('gh:limit:'));

test('after a logout the old cookie opens nothing and nothing of the browser is left in Redis', async () => {
  const browser = await world.connected('acme', 'second');
  await connect(browser, 'acme', { stopAt: 'callback' });
  const again = replay(browser);
  expect(await again()).toEqual(['200', true]);
  const answer = await browser.api.post('/logout');
  expect(answer.json).toEqual({
    revocations: [
      { provider: 'acme', revocation: 'revoked' },
      { provider: 'second', revocation: 'revoked' },
    ],
  });
  expect(browser.cookies().filter(({ name }) => !name.includes('csrf'))).toEqual([]);
  expect(await records()).toEqual([]);
  expect(await again()).toEqual(['401 login_required', false]);
  expect(await records()).toEqual([]);
});

test('a logout without a session succeeds, as JSON and as a page', async () => {
  const browser = world.browser();
  expect((await browser.api.post('/logout')).json).toEqual({ revocations: [] });
  const page = await browser.post('/logout', { accept: 'text/html', headers: { 'x-csrf': '1' } });
  expect([page.status, page.location?.pathname]).toEqual([303, '/']);
});

test('a logout on a page is told by the next page, once; nothing of it is left', async () => {
  const browser = await world.connected('acme');
  const answer = await browser.post('/logout', { accept: 'text/html', headers: { 'x-csrf': '1' } });
  expect([answer.status, answer.location?.href]).toEqual([303, `${world.app.url}/`]);
  expect((await browser.navigate('/')).text).toContain('You are logged out');
  expect((await browser.navigate('/')).text).not.toContain('You are logged out');
  expect(browser.cookies().filter(({ name }) => !name.includes('csrf'))).toEqual([]);
});

test('an address that tells of a connection which there is not, or is again, tells nothing', async () => {
  const told = async (browser: Browser, path: string) =>
    /data-notice="(\w+)"/.exec((await browser.navigate(path)).text)?.[1];
  const [connected, stranger] = [await world.connected('acme'), world.browser()];
  for (const page of ['/', '/connections/acme']) {
    expect(await told(connected, `${page}?connected=acme`)).toBe('connected');
    expect(await told(stranger, `${page}?connected=acme`)).toBeUndefined();
    expect(await told(connected, `${page}?disconnected=acme&revocation=revoked`)).toBeUndefined();
    expect(await told(stranger, `${page}?disconnected=acme&revocation=revoked`)).toBe('disconnected');
  }
});

test('a call that is under way at the logout may finish, and brings the session back in no way', async () => {
  const browser = await world.connected('acme');
  const again = replay(browser);
  const { held, letGo } = gate();
  world.upstream.answer('/slow', async () => {
    await held;
    return jsonReply({ done: true });
  });
  const arrived = world.upstream.nextRequest();
  const slow = browser.newTab().api.get('/proxy/acme/slow');
  await arrived;
  await browser.api.post('/logout');
  letGo();
  expect((await slow).status).toBe(200);
  expect(await records()).toEqual([]);
  expect(await again()).toEqual(['401 login_required', false]);
});

test('a refresh that is under way at the logout stores nothing and its tokens are given back', async () => {
  const browser = await world.connected('acme');
  const again = replay(browser);
  const { held, letGo } = gate();
  world.server.bend.token = { on: 'refresh_token', wait: held };
  const refresh = browser.newTab().api.post('/api/connections/acme/refresh');
  await eventually(() => Promise.resolve(world.server.tokenCallsOf('refresh_token') === 1));
  await browser.api.post('/logout');
  letGo();
  expect((await refresh).status).toBeGreaterThanOrEqual(400);
  await eventually(async () => (await records()).length === 0);
  await eventually(() => Promise.resolve(world.server.revocations.length >= 1));
  expect(await again()).toEqual(['401 login_required', false]);
});

test('a callback that is under way at the logout attaches nothing', async () => {
  const browser = await world.connected('acme');
  const again = replay(browser);
  const { held, letGo } = gate();
  const { callbackUrl } = await connect(browser, 'second', { stopAt: 'callback' });
  world.server.bend.token = { on: 'authorization_code', wait: held };
  const calls = world.server.tokenCallsOf('authorization_code');
  const finishing = browser.newTab().navigate(callbackUrl ?? '', { follow: false });
  await eventually(() => Promise.resolve(world.server.tokenCallsOf('authorization_code') === calls + 1));
  await browser.api.post('/logout');
  letGo();
  const { location } = await finishing;
  expect(location?.searchParams.get('connect_error')).toBe('state_unknown');
  expect((await records()).filter((key) => /:(session|connection)/.test(key))).toEqual([]);
  expect(await again()).toEqual(['401 login_required', false]);
});
