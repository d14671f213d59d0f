import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedis, type RedisServer } from '../world/redis.js';
import { startConnectWorld, type ConnectWorld } from './world.js';

let redis: RedisServer;
let world: ConnectWorld;

beforeAll(async () => {
  redis = await startRedis();
  world = await startConnectWorld({ env: { REDIS_URL: redis.url } });
});
afterAll(async () => {
  await world.close();
  await redis.stop();
});

const keys = async () => (await redis.cli('keys', '*')).split('\n').filter((key) => key !== '');
const attemptKeys = async () => (await keys()).filter((key) => key.includes(':attempt:'));

test('an unknown provider leaves nothing in Redis', async () => {
  for (const id of ['nope', '__proto__', 'constructor', '%00']) {
    await world.newBrowser().get(`/connect/${id}`);
    await world.newBrowser().post(`/connect/${id}`, { headers: { 'x-csrf': '1' } });
  }
  expect(await keys()).toEqual([]);
});

test('a refused start leaves no attempt in Redis', async () => {
  const browser = world.newBrowser();
  const refused = await Promise.all([
    browser.get('/connect/acme?return_to=//evil.test'),
    browser.get('/connect/acme', { headers: { 'sec-fetch-site': 'cross-site' } }),
    browser.get('/connect/acme', { headers: { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' } }),
    browser.post('/connect/acme'),
    browser.request('HEAD', '/connect/acme'),
  ]);
  expect(refused.map(({ status }) => status)).toEqual([400, 403, 403, 403, 405]);
  expect(await attemptKeys()).toEqual([]);
});

test('a start is kept for a limited time, sealed, under names that open nothing', async () => {
  const browser = world.newBrowser();
  const request = await world.start(browser);
  const [key = ''] = await attemptKeys();
  expect(Number(await redis.cli('ttl', key))).toBeGreaterThan(0);
  const stored = await redis.cli('get', key);
  const [cookie] = browser.cookies().filter(({ name }) => name.includes('-attempt.'));
  for (const secret of [request.searchParams.get('state') ?? '', request.searchParams.get('nonce') ?? ''])
    expect(`${key} ${stored}`).not.toContain(secret);
  expect(key).not.toContain(cookie?.value.split('.')[1]);
});

test('two connections made at the same moment end up in one session of Redis, too', async () => {
  const browser = world.newBrowser();
  const acme = await world.toCallback(browser, 'acme');
  const books = await world.toCallback(browser, 'books');
  await Promise.all([world.open(browser, acme), world.open(browser.newTab(), books)]);
  expect(await world.statuses(browser)).toEqual({ acme: 'connected', books: 'connected' });
  for (const key of await keys()) expect(Number(await redis.cli('ttl', key))).toBeGreaterThan(0);
});
