import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLog } from '../../src/log/log.js';
import { connectRedisStore } from '../../src/store/redis/redis-store.js';
import type { OpenedStore } from '../../src/store/store.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import { storeContract } from './contract.js';

const log = createLog({ level: 'silent', format: 'json' });

storeContract('Redis', async () => {
  const server = await startRedis({ password: 'p@ss:w/rd %' });
  const store = connectRedisStore(server.url, { log });
  return {
    store,
    async close() {
      await store.close();
      await server.stop();
    },
  };
});

let server: RedisServer;
let store: OpenedStore;
beforeAll(async () => {
  server = await startRedis();
  store = connectRedisStore(server.url, { log });
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

const value = Buffer.from('x');

test('a key of another type reads as missing, exists for a guard, and can be overwritten and deleted', async () => {
  await server.cli('lpush', '{a}list', 'foreign');
  expect(await store.get('{a}list')).toBeUndefined();
  expect(await store.getMany(['{a}list'])).toEqual([undefined]);
  expect(await store.getMany(['{a}list', '{a}other'])).toEqual([undefined, undefined]);
  expect(await store.commit([{ key: '{a}list', exists: false }], [])).toBe(false);
  expect(await store.commit([{ key: '{a}list', startsWith: Buffer.alloc(0) }], [])).toBe(false);
  expect(await store.commit([{ key: '{a}list', exists: true }], [{ key: '{a}list', value, ttlMs: 1000 }])).toBe(true);
  expect(await store.get('{a}list')).toEqual(value);
  await server.cli('lpush', '{a}second', 'foreign');
  expect(await store.commit([], [{ key: '{a}second', delete: true }])).toBe(true);
  expect(await server.cli('exists', '{a}second')).toBe('0');
  await server.cli('lpush', '{a}third', 'foreign');
  expect(await store.increment('{a}third', 1000)).toEqual({ count: 1, resetMs: 1000 });
});

test('a server that has forgotten its scripts is told them again', async () => {
  await store.commit([], [{ key: 'a', value, ttlMs: 1000 }]);
  await server.cli('script', 'flush');
  expect(await store.commit([{ key: 'a', exists: true }], [{ key: 'a', delete: true }])).toBe(true);
});

test('every key that is written has a lifetime', async () => {
  await store.commit([], [{ key: 'b', value, ttlMs: 5000 }]);
  await store.increment('c', 5000);
  for (const key of ['b', 'c']) expect(Number(await server.cli('pttl', key))).toBeGreaterThan(0);
});

test('a counter without a lifetime gets one', async () => {
  await server.cli('set', 'd', '7');
  expect(await store.increment('d', 5000)).toEqual({ count: 8, resetMs: 5000 });
  expect(Number(await server.cli('pttl', 'd'))).toBeGreaterThan(0);
});

test('a commit is one command, several reads are one command', async () => {
  await store.commit([], [{ key: '{e}1', value, ttlMs: 5000 }]);
  const before = await commands();
  await store.commit(
    [{ key: '{e}1', exists: true }],
    [
      { key: '{e}1', value, ttlMs: 5000 },
      { key: '{e}2', value, ttlMs: 5000 },
    ],
  );
  await store.getMany(['{e}1', '{e}2']);
  await store.getMany(['{e}1']);
  expect(await commands()).toEqual({ evalsha: before.evalsha + 1, mget: before.mget + 1, get: before.get + 1 });
});

test('the description names the server and no password', async () => {
  const secret = connectRedisStore(`redis://jo:hush@127.0.0.1:${server.port}/2`, { log });
  expect(secret.describe()).toBe(`redis single 127.0.0.1:${server.port}`);
  await secret.close();
});

/** How often the store itself has called each of three commands; a script's own GET does not count. */
async function commands(): Promise<{ evalsha: number; mget: number; get: number }> {
  const stats = await server.cli('info', 'commandstats');
  const calls = (name: string): number => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  return { evalsha: calls('evalsha'), mget: calls('mget'), get: calls('get') };
}
