import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectRedisStore } from '../../src/store/redis/redis-store.js';
import { StoreUnavailableError, type OpenedStore } from '../../src/store/store.js';
import { eventually, type RedisGroup, type RedisServer } from '../world/redis.js';
import { startCluster } from '../world/redis-cluster.js';
import { storeContract } from './contract.js';
import { recordedLog } from './recorded-log.js';

let group: RedisGroup;
beforeAll(async () => {
  group = await startCluster();
});
afterAll(() => group.stop());

storeContract('Redis Cluster', () => {
  const store = connectRedisStore(group.url, recordedLog());
  return Promise.resolve({ store, close: () => store.close() });
});

const value = Buffer.from('kept');
/** Keys enough for every master to hold some. */
const keys = Array.from({ length: 30 }, (_, index) => `gh:{${index}}:record`);

function writeAll(store: OpenedStore): Promise<boolean[]> {
  return Promise.all(keys.map((key) => store.commit([], [{ key, value, ttlMs: 60_000 }])));
}

test('the first calls of all, thirty at once over every master, are answered', async () => {
  const store = connectRedisStore(group.url, recordedLog());
  expect(new Set(await writeAll(store))).toEqual(new Set([true]));
  for (const node of group.nodes.slice(0, 3)) expect(Number(await node.cli('dbsize'))).toBeGreaterThan(0);
  await store.close();
});

test('a slot that moves to another master is followed', async () => {
  const store = connectRedisStore(group.url, recordedLog());
  await writeAll(store);
  const slot = await group.nodes[0]!.cli('cluster', 'keyslot', 'gh:{moving}:record');
  const owner = await masterOfSlot(group, Number(slot));
  const target = group.nodes.slice(0, 3).find((node) => node !== owner)!;
  const id = await target.cli('cluster', 'myid');
  await store.commit([], [{ key: 'gh:{moving}:record', value, ttlMs: 60_000 }]);
  await owner.cli('migrate', '127.0.0.1', `${target.port}`, 'gh:{moving}:record', '0', '1000');
  for (const node of [target, owner]) await node.cli('cluster', 'setslot', slot, 'node', id);
  expect(await store.get('gh:{moving}:record')).toEqual(value);
  expect(await store.commit([{ key: 'gh:{moving}:record', equals: value }], [])).toBe(true);
  await store.close();
});

test('a master that dies is replaced, with every call answered within two seconds', async () => {
  const { log, events } = recordedLog();
  const store = connectRedisStore(group.url, { log });
  await writeAll(store);
  await group.nodes[1]!.kill('SIGSTOP');
  const underWay = Promise.allSettled(keys.map((key) => store.increment(`${key}:count`, 60_000)));
  await new Promise((resolve) => setImmediate(resolve));
  const died = performance.now();
  await group.nodes[1]!.kill('SIGKILL');
  // What was under way is not tried again elsewhere: it may have been made.
  expect(new Set((await underWay).map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
  expect(performance.now() - died).toBeLessThan(1000);
  let slowest = 0;
  const outcomes = new Set<string>();
  await eventually(async () => {
    const answers = await Promise.all(
      keys.map(async (key) => {
        const began = performance.now();
        const outcome = await store.commit([], [{ key, value, ttlMs: 60_000 }]).then(
          () => 'written',
          (error: unknown) => (error instanceof StoreUnavailableError ? 'unavailable' : String(error)),
        );
        slowest = Math.max(slowest, performance.now() - began);
        outcomes.add(outcome);
        return outcome;
      }),
    );
    return answers.every((outcome) => outcome === 'written');
  }, 15_000);
  expect(slowest).toBeLessThan(2000);
  expect([...outcomes].sort()).toEqual(['unavailable', 'written']);
  expect(events().filter((event) => event === 'store.node_lost').length).toBeLessThanOrEqual(2);
  await store.close();
});

test('a cluster that is gone is unavailable, and a master that freezes costs no call more than two seconds', async () => {
  const { log } = recordedLog();
  const store = connectRedisStore(group.url, { log });
  await writeAll(store);
  await group.nodes[0]!.kill('SIGSTOP');
  const began = performance.now();
  const outcomes = await Promise.allSettled(keys.map((key) => store.get(key)));
  expect(performance.now() - began).toBeLessThan(2000);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
  await eventually(async () => (await writeAll(store)).every(Boolean), 15_000);
  await Promise.all(group.nodes.map((node) => node.kill('SIGKILL')));
  await eventually(async () => {
    await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
    return store.status() === 'lost';
  });
  await store.close();
});

async function masterOfSlot({ nodes }: RedisGroup, slot: number): Promise<RedisServer> {
  const [first] = nodes;
  for (const line of (await first!.cli('cluster', 'nodes')).split('\n')) {
    const [, address = '', , , , , , , ...ranges] = line.split(' ');
    const holds = ranges.some((range) => {
      const [from = NaN, to = from] = range.split('-').map(Number);
      return from <= slot && slot <= to;
    });
    const owner = holds ? nodes.find(({ port }) => address.startsWith(`127.0.0.1:${port}@`)) : undefined;
    if (owner) return owner;
  }
  throw new Error(`Nobody holds slot ${slot}`);
}
