import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectRedisStore } from '../../src/store/redis/redis-store.js';
import { StoreUnavailableError } from '../../src/store/store.js';
import { eventually, type RedisGroup } from '../world/redis.js';
import { startSentinel } from '../world/redis-sentinel.js';
import { recordedLog } from './recorded-log.js';

const value = Buffer.from('kept');
let group: RedisGroup;
beforeAll(async () => {
  group = await startSentinel({ password: 'data-secret', sentinelPassword: 'sentinel-secret' });
});
afterAll(() => group.stop());

test('a master that dies and then one that freezes unnoticed are replaced, no call taking over two seconds', async () => {
  const { log, text, events } = recordedLog();
  const store = connectRedisStore(group.url, { log, sentinelPassword: 'sentinel-secret' });
  const late: number[] = [];
  const write = async (): Promise<boolean> => {
    const began = performance.now();
    try {
      return await store.commit([], [{ key: 'a', value, ttlMs: 60_000 }]);
    } finally {
      if (performance.now() - began > 2000) late.push(performance.now() - began);
    }
  };
  expect(await write()).toBe(true);
  const first = await masterOf(group);
  await eventually(
    async () => (await Promise.all(group.nodes.map((node) => node.cli('exists', 'a')))).join('') === '111',
  );

  await first.kill('SIGKILL');
  await eventually(async () => store.status() === 'lost' && !(await write().catch(() => false)));
  // The sentinels close the connections to a new master once more, when they have set it up.
  const isThere = async () => (await store.get('a').catch(() => undefined))?.equals(value) === true;
  await eventually(() => write().catch(() => false), 15_000);
  await eventually(isThere);

  const second = await masterOf(group);
  await eventually(async () => (await second.cli('info', 'replication')).includes('state=online'), 15_000);

  const connections = (): number => events().filter((event) => event === 'store.connected').length;
  const before = connections();
  await second.kill('SIGSTOP');
  // No call is made: the sentinels tell of the change.
  await eventually(() => Promise.resolve(connections() > before), 15_000);
  await eventually(() => write().catch(() => false));
  await eventually(isThere);
  expect(late).toEqual([]);
  expect(text()).not.toMatch(/data-secret|sentinel-secret/);
  await store.close();
}, 45_000);

test('a wrong password for the sentinels is refused, and told without it', async () => {
  const { log, text, events } = recordedLog();
  const store = connectRedisStore(group.url, { log, sentinelPassword: 'no-such-secret' });
  await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
  await eventually(() => Promise.resolve(events().includes('store.refused')));
  expect(text()).not.toMatch(/no-such-secret|data-secret/);
  await store.close();
});

test('a sentinel that hangs is passed over', async () => {
  group.sentinels[0]?.kill('SIGSTOP');
  const store = connectRedisStore(group.url, { log: recordedLog().log, sentinelPassword: 'sentinel-secret' });
  await eventually(() => store.ping().then(() => true), 3000);
  group.sentinels[0]?.kill('SIGCONT');
  await store.close();
});

async function masterOf({ nodes }: RedisGroup) {
  for (const node of nodes) if ((await node.cli('role').catch(() => '')).startsWith('master')) return node;
  throw new Error('No node is a master');
}
