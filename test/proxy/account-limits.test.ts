import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startApp, testEnvironment, type App } from '../world/app.js';
import type { Answer } from '../world/answer.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

const files = { rate: { per_minute: 6 }, places: { concurrent: 3 }, both: { per_minute: 2, concurrent: 1 } };

let redis: RedisServer;
let server: MisbehavingServer;
let upstream: Upstream;
let directory: ProvidersDirectory;
let env: Record<string, string>;
/** Two processes over one Redis. */
let apps: [App, App];
let ahead = 0;
const now = () => Date.now() + ahead;
beforeAll(async () => {
  redis = await startRedis();
  server = await startMisbehaving({ now });
  upstream = await startUpstream();
  const texts: Record<string, string> = {};
  env = { REDIS_URL: redis.url };
  for (const [id, limits] of Object.entries(files)) {
    texts[id] = server.providerFile({ id, more: { api: { base_url: upstream.origin, limits } } });
    Object.assign(env, server.environment(id), { [`${id.toUpperCase()}_SHARED_CLIENT`]: 'true' });
  }
  directory = await createProvidersDirectory(texts);
  env = await testEnvironment({ ...env, PROVIDERS_DIR: directory.path });
  const second = await testEnvironment();
  const { PORT = '', METRICS_PORT = '' } = second;
  const [one, other] = [await startApp(env, now), await startApp({ ...env, PORT, METRICS_PORT }, now)];
  apps = [one, other];
});
beforeEach(() => {
  upstream.reset();
  ahead += 120_000;
});
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
  await Promise.all([server.close(), upstream.close(), directory.remove(), redis.stop()]);
});

/** A browser of its own at each process, both with the account of this name. */
async function connected(id: string, sub: string): Promise<Browser[]> {
  server.person.sub = sub;
  const browsers = apps.map((app) => createBrowser(app.url));
  for (const browser of browsers) await connect(browser, id);
  return browsers;
}
const outcome = ({ status, headers }: Answer) => [status, headers['x-gatehouse-error'], headers['retry-after']];
const fine = [200, undefined, undefined];

test('calls of a minute are counted for the account, over all processes and sessions', async () => {
  const [one, other] = await connected('rate', 'person-a');
  for (let at = 0; at < 3; at += 1) {
    expect(outcome(await one!.api.get('/proxy/rate/x'))).toEqual(fine);
    ahead += 10_000;
    expect(outcome(await other!.api.get('/proxy/rate/x'))).toEqual(fine);
  }
  for (const browser of [one!, other!, one!]) {
    const [status, code, retryAfter] = outcome(await browser.api.get('/proxy/rate/x'));
    expect([status, code]).toEqual([429, 'rate_limited']);
    expect(Math.abs(Number(retryAfter) - 30)).toBeLessThan(3);
  }
  expect(upstream.requests).toHaveLength(6);
  const [stranger] = await connected('rate', 'person-b');
  expect(outcome(await stranger!.api.get('/proxy/rate/x'))).toEqual(fine);
  // The first of the six is a minute ago; those that were refused did not count.
  ahead += 31_000;
  expect(outcome(await other!.api.get('/proxy/rate/x'))).toEqual(fine);
});

test('calls at a time are counted to the end of their responses', async () => {
  const [one, other] = await connected('places', 'person-c');
  let end: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (end = resolve));
  async function* stream() {
    yield 'begun';
    await held;
    yield 'ended';
  }
  upstream.answer('/slow', () => ({ body: stream() }));
  const slow = [
    one!.api.get('/proxy/places/slow'),
    other!.api.get('/proxy/places/slow'),
    one!.api.get('/proxy/places/slow'),
  ];
  while (upstream.requests.length < 3) await upstream.nextRequest();
  expect(outcome(await other!.api.get('/proxy/places/x'))).toEqual([429, 'rate_limited', '1']);
  end();
  expect((await Promise.all(slow)).map(({ text }) => text)).toEqual(Array(3).fill('begunended'));
  const again = await Promise.all(Array.from({ length: 3 }, () => other!.api.get('/proxy/places/x')));
  expect(again.map(outcome)).toEqual([fine, fine, fine]);
});

test('many calls at once in both processes: never more than the limit gets through', async () => {
  const browsers = await connected('rate', 'person-d');
  const calls = Array.from({ length: 24 }, (_, at) => browsers[at % 2]!.api.get('/proxy/rate/x'));
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(6);
  expect(statuses.filter((status) => status === 429)).toHaveLength(18);
  expect(upstream.requests).toHaveLength(6);
});

test('an account is named in no key, and every key ends', async () => {
  const [one] = await connected('both', 'person-of-a-name');
  await one!.api.get('/proxy/both/x');
  const keys = (await redis.cli('--raw', 'keys', '*limit:account*')).trim().split('\n');
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) {
    expect(`${key} ${await redis.cli('--raw', 'get', key)}`).not.toContain('person');
    expect(Number(await redis.cli('--raw', 'pttl', key))).toBeGreaterThan(0);
  }
});
