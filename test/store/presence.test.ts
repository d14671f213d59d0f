import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLog } from '../../src/log/log.js';
import { createMemoryStore } from '../../src/store/memory.js';
import { connectRedisStore } from '../../src/store/redis/redis-store.js';
import type { OpenedStore } from '../../src/store/store.js';
import { eventually, startRedis, type RedisServer } from '../world/redis.js';

let redis: RedisServer;
const open: OpenedStore[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await Promise.all(open.map((store) => store.close()));
  await redis.stop();
});

async function connected(url = redis.url): Promise<{ store: OpenedStore; name: string }> {
  const store = connectRedisStore(url, { log: createLog({ level: 'silent', format: 'json' }) });
  open.push(store);
  await eventually(() => Promise.resolve(store.presence() !== undefined));
  return { store, name: store.presence() ?? '' };
}

test('a process is seen while it is connected, and known to have ended when it is not', async () => {
  const [one, other] = [await connected(), await connected()];
  expect(await one.store.hasEnded(other.name)).toBe(false);
  await other.store.close();
  await eventually(() => one.store.hasEnded(other.name));
  expect(await one.store.hasEnded(one.name)).toBe(false);
});

test('who is not seen itself says of nobody that it has ended', async () => {
  const { store, name } = await connected();
  await redis.cli('acl', 'setuser', 'quiet', 'on', '>quiet', '~*', '+@all', 'resetchannels', '&__redis__:invalidate');
  const quiet = connectRedisStore(redis.url.replace('redis://', 'redis://quiet:quiet@'), {
    log: createLog({ level: 'silent', format: 'json' }),
  });
  open.push(quiet);
  await quiet.ping();
  const follows = (line: string) => line.includes('user=quiet') && / sub=[1-9]/.test(line);
  await eventually(async () => (await redis.cli('client', 'list')).split('\n').some(follows));
  await store.close();
  expect(quiet.presence()).toBeUndefined();
  expect(await quiet.hasEnded(name)).toBe(false);
});

test('the embedded store, which one process has to itself, knows of no other', async () => {
  const store = createMemoryStore();
  open.push(store);
  expect([store.presence(), await store.hasEnded('anybody')]).toEqual([undefined, false]);
});
