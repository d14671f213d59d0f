import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import type { TokenBend } from '../world/misbehaving/token-answer.js';
import {
  misconfiguredAnswers,
  redirectedTo,
  slowTokenFaults,
  transientTokenFaults,
} from '../world/misbehaving/token-bends.js';
import { startUpstream } from '../world/upstream.js';
import { problemOf, startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

beforeAll(async () => {
  world = await startRefreshWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const call = (browser: Browser) => browser.api.get('/proxy/acme/invoices');

/** Connected, and at the point where the token is due for renewal but still good. */
async function nearlyExpired(): Promise<Browser> {
  const browser = await world.connected();
  world.forward(3570);
  return browser;
}

async function expectPassing(bend: TokenBend): Promise<void> {
  const browser = await nearlyExpired();
  world.server.bend.token = bend;
  expect((await call(browser)).status).toBe(200);
  expect((await call(browser)).status).toBe(200);
  expect(world.refreshes()).toBe(1);

  world.forward(100);
  const failed = await call(browser);
  expect(problemOf(failed)).toEqual({ status: 503, code: 'refresh_unavailable', marked: 'refresh_unavailable' });
  expect(Number(failed.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  expect(world.refreshes()).toBe(2);
  expect((await world.state(browser)).status).toBe('provider_unavailable');

  world.server.bend = {};
  world.forward(Number(failed.headers['retry-after']));
  expect((await call(browser)).status).toBe(200);
  expect((await world.state(browser)).status).toBe('connected');
}

describe('a failure that passes', () => {
  test.each(Object.entries(transientTokenFaults))(
    '%s: the old token serves, and nothing is lost',
    async (_name, bend) => {
      await expectPassing({ ...bend, on: 'refresh_token' });
    },
  );

  test('a redirect is not followed, and the refresh token goes to one host only', async () => {
    const elsewhere = await startUpstream();
    try {
      await expectPassing({ ...redirectedTo(`${elsewhere.origin}/token`), on: 'refresh_token' });
      expect(elsewhere.requests).toHaveLength(0);
    } finally {
      await elsewhere.close();
    }
  });

  test('Retry-After of the server is obeyed', async () => {
    const browser = await world.connected();
    world.forward(3600);
    world.server.bend.token = { on: 'refresh_token', reply: { status: 503, headers: { 'retry-after': '40' } } };
    expect(Number((await call(browser)).headers['retry-after'])).toBeGreaterThanOrEqual(40);
    world.forward(38);
    expect(Number((await call(browser)).headers['retry-after'])).toBeLessThanOrEqual(2);
    expect(world.refreshes()).toBe(1);
  });

  test.each([
    ['a date', () => new Date(Date.now() + 40_000).toUTCString(), 38, 41],
    ['a time beyond all reason', () => '99999999999999', 3599, 3601],
    ['a date beyond all reason', () => 'Fri, 31 Dec 9999 23:59:59 GMT', 3599, 3601],
    ['nonsense', () => 'soon', 1, 2],
    ['a date that is over', () => 'Thu, 01 Jan 1970 00:00:00 GMT', 1, 2],
  ])('Retry-After as %s is obeyed within reason', async (_name, header, least, most) => {
    const browser = await world.connected();
    world.forward(3600);
    world.server.bend.token = { on: 'refresh_token', reply: { status: 429, headers: { 'retry-after': header() } } };
    const told = Number((await call(browser)).headers['retry-after']);
    expect(told).toBeGreaterThanOrEqual(least);
    expect(told).toBeLessThanOrEqual(most);
    world.forward(most + 1);
    world.server.bend = {};
    expect((await call(browser)).status).toBe(200);
  });

  test('a server that never answers does not keep a call waiting whose token still is good', async () => {
    const browser = await nearlyExpired();
    world.server.bend.token = { ...slowTokenFaults['no answer at all'], on: 'refresh_token' };
    const began = performance.now();
    expect((await call(browser)).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('a server that stops in the middle, or never ends, is given up after ten seconds', async () => {
    const browsers = await Promise.all(Object.keys(slowTokenFaults).map(() => world.connected()));
    world.forward(3600);
    world.server.bend.token = Object.values(slowTokenFaults).map((bend) => ({ ...bend, times: 1 }));
    const began = performance.now();
    const failed = await Promise.all(browsers.map(call));
    expect(failed.map(({ status }) => status)).toEqual(browsers.map(() => 503));
    expect(performance.now() - began).toBeLessThan(12_000);
    world.server.bend = {};
    world.forward(5);
    for (const browser of browsers) expect((await call(browser)).status).toBe(200);
  }, 20_000);
});

describe('a failure that is the operator’s', () => {
  test.each(Object.entries(misconfiguredAnswers))('%s: the connection is kept', async (_name, bend) => {
    const browser = await nearlyExpired();
    const { lines } = world.app;
    lines.length = 0;
    world.server.bend.token = { ...bend, on: 'refresh_token' };
    expect((await call(browser)).status).toBe(200);
    world.forward(100);
    expect(problemOf(await call(browser))).toMatchObject({ status: 502, code: 'provider_misconfigured' });
    expect((await call(browser)).status).toBe(502);
    expect(world.refreshes()).toBe(2);
    const alerts = lines.filter(
      (line) => line.includes('"level":"error"') && line.includes('connection.refresh_failed'),
    );
    expect(alerts).toHaveLength(2);
    expect(lines.join('')).not.toContain(world.server.options.clientSecret);

    world.server.bend = {};
    world.forward(60);
    expect((await call(browser)).status).toBe(200);
  });

  test('a secret that was wrong for a while costs no connection', async () => {
    const browser = await world.connected();
    const { options } = world.server;
    const right = options.clientSecret;
    world.forward(3600);
    options.clientSecret = 'another one';
    expect((await call(browser)).status).toBe(502);
    options.clientSecret = right;
    world.forward(60);
    expect((await call(browser)).status).toBe(200);
  });
});
