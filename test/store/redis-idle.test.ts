import { expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { startCluster } from '../world/redis-cluster.js';
import { eventually } from '../world/redis.js';
import { afterTest, connect, start } from './faulty-redis.js';

// Managed servers, and proxies before them, close connections that rest.

const value = Buffer.from('x');

test('a server that closes idle connections costs no call and no error line', async () => {
  const server = await start({ args: ['--timeout', '1'] });
  const { store, events } = connect(server.url);
  await store.ping();
  for (let round = 0; round < 3; round += 1) {
    // Longer than the server's limit, and once about as long, when both sides act at the same moment.
    await wait([2_300, 1_050, 2_900][round]);
    const key = `{a}${round}`;
    expect(await store.commit([{ key, exists: false }], [{ key, value, ttlMs: 60_000 }])).toBe(true);
    expect(await store.get(key)).toEqual(value);
    expect((await store.increment('count', 60_000)).count).toBe(round + 1);
  }
  expect(events()).toEqual(['store.connected']);
}, 20_000);

test.each(['get', 'commit', 'increment', 'ping'] as const)(
  'a %s right after the end of the connection succeeds',
  async (step) => {
    const server = await start();
    const { store, events } = connect(server.url);
    await store.ping();
    const steps = {
      get: () => store.get('a'),
      commit: () => store.commit([], [{ key: 'a', value, ttlMs: 1_000 }]),
      increment: () => store.increment('b', 1_000),
      ping: () => store.ping(),
    };
    for (let round = 0; round < 3; round += 1) {
      await wait(1_000);
      await server.cli('client', 'kill', 'type', 'normal', 'skipme', 'yes');
      await steps[step]();
    }
    expect(events()).toEqual(['store.connected']);
  },
);

test('the connections that report changes are made again, too', async () => {
  const server = await start();
  const { store, text } = connect(server.url);
  await store.commit([], [{ key: 'gh:{a}:session', value, ttlMs: 60_000 }]);
  await eventually(
    async () => (await store.recall(['gh:{a}:session']), store.remembered(['gh:{a}:session']) !== undefined),
  );
  await server.cli('client', 'kill', 'type', 'pubsub');
  expect(await store.recall(['gh:{a}:session'])).toEqual([value]);
  await eventually(
    async () => (await store.recall(['gh:{a}:session']), store.remembered(['gh:{a}:session']) !== undefined),
  );
  expect(text()).not.toMatch(/"level":"(?:error|warn)"/);
});

test('a server that is gone is reported, though the connection rested when it went', async () => {
  const server = await start();
  const { store, events } = connect(server.url);
  await store.ping();
  await server.kill('SIGKILL');
  await eventually(() => Promise.resolve(events().includes('store.lost')));
  await expect(store.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' });
});

test('the nodes of a cluster may close idle connections, too', async () => {
  const group = await startCluster();
  afterTest(() => group.stop());
  for (const node of group.nodes) await node.cli('config', 'set', 'timeout', '1');
  const { store, text } = connect(group.url);
  await eventually(() => store.ping().then(() => true));
  for (let round = 0; round < 2; round += 1) {
    await wait(2_600);
    const keys = Array.from({ length: 12 }, (_, index) => `gh:{${round}-${index}}:record`);
    const made = keys.map((key) => store.commit([{ key, exists: false }], [{ key, value, ttlMs: 60_000 }]));
    expect(new Set(await Promise.all(made))).toEqual(new Set([true]));
  }
  expect(text()).not.toMatch(/"level":"(?:error|warn)"/);
}, 60_000);
