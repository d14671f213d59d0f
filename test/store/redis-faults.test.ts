import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { StoreUnavailableError } from '../../src/store/store.js';
import { eventually, freePorts, type RedisServer } from '../world/redis.js';
import { afterTest, backAfter, connect, failure, start } from './faulty-redis.js';

const value = Buffer.from('x');
/** Makes it a replica of nobody. */
async function demote(server: RedisServer): Promise<void> {
  const [nobody = 0] = await freePorts(1);
  await server.cli('replicaof', '127.0.0.1', `${nobody}`);
}

test('a store that is down at boot fails fast and is found when it comes up', async () => {
  const [port = 0] = await freePorts(1);
  const { store, events } = connect(`redis://127.0.0.1:${port}`);
  expect(store.status()).toBe('connecting');
  const answers = await Promise.all([store.get('a'), store.ping(), store.increment('a', 1000)].map(failure));
  for (const { code, ms } of answers) {
    expect(code).toBe('ECONNREFUSED');
    expect(ms).toBeLessThan(1000);
  }
  expect(store.status()).toBe('lost');
  await start({ port });
  expect(await backAfter(store)).toBeLessThan(3000);
  expect(store.status()).toBe('ready');
  expect(events()).toEqual(['store.lost', 'store.connected']);
});

test('a call made before the first connection waits for it', async () => {
  const server = await start();
  const { store } = connect(server.url);
  expect(store.status()).toBe('connecting');
  await expect(store.ping()).resolves.toBeUndefined();
});

test('a store that is killed under load fails every call within two seconds and is back within three of its return', async () => {
  const server = await start();
  const { store, events } = connect(server.url);
  await store.ping();
  const calls: Promise<string>[] = [];
  const load = setInterval(() => {
    const began = performance.now();
    const told = (what: string): string => (performance.now() - began < 2000 ? what : `${what}, late`);
    calls.push(
      store.get('a').then(
        () => told('answered'),
        (error: unknown) => told(error instanceof StoreUnavailableError ? 'unavailable' : String(error)),
      ),
    );
  }, 5);
  afterTest(() => clearInterval(load));
  await eventually(() => Promise.resolve(calls.length > 0));
  expect(await calls[0]).toBe('answered');
  await server.kill('SIGKILL');
  await eventually(() => Promise.resolve(store.status() === 'lost'));
  await failure(store.get('a'));
  await server.restart();
  expect(await backAfter(store)).toBeLessThan(3000);
  clearInterval(load);
  expect([...new Set(await Promise.all(calls))].sort()).toEqual(['answered', 'unavailable']);
  expect(events()).toEqual(['store.connected', 'store.lost', 'store.connected']);
});

test('a frozen store fails every call within two seconds, then at once, and is back when it thaws', async () => {
  const server = await start();
  const { store, events } = connect(server.url);
  await store.ping();
  await server.kill('SIGSTOP');
  const answers = await Promise.all(
    [store.get('a'), store.commit([], [{ key: 'a', value, ttlMs: 1000 }])].map(failure),
  );
  for (const { ms } of answers) expect(ms).toBeLessThan(2000);
  await eventually(() => Promise.resolve(store.status() === 'lost'));
  // At once: no timer of a second or more is waited for.
  expect((await failure(store.get('a'))).ms).toBeLessThan(1000);
  await server.kill('SIGCONT');
  expect(await backAfter(store)).toBeLessThan(3000);
  expect(events()).toEqual(['store.connected', 'store.lost', 'store.connected']);
});

test('a store that is frozen at boot fails within two seconds and is back when it thaws', async () => {
  const server = await start();
  await server.kill('SIGSTOP');
  const { store } = connect(server.url);
  expect((await failure(store.ping())).ms).toBeLessThan(2000);
  await server.kill('SIGCONT');
  expect(await backAfter(store)).toBeLessThan(3000);
});

test('a store that is slow for longer than the limit fails the call', async () => {
  const server = await start();
  const { store } = connect(server.url, { commandTimeoutMs: 200 });
  await store.ping();
  const busy = server.cli(
    'eval',
    "local t = redis.call('TIME') local u repeat u = redis.call('TIME') until (u[1]-t[1])*1000000+u[2]-t[2] > 600000",
    '0',
  );
  await eventually(async () => (await failure(store.get('a'))).code === 'TIMEOUT');
  await busy;
  expect(await backAfter(store)).toBeLessThan(3000);
});

test('a store without memory goes on reading, deleting and guarding, and refuses writes as a whole', async () => {
  const server = await start({ maxmemory: '100mb' });
  const { store, events } = connect(server.url);
  await store.commit([], [{ key: '{a}1', value, ttlMs: 60_000 }]);
  await server.cli('config', 'set', 'maxmemory', '1');
  const writes = [
    { key: '{a}1', delete: true as const },
    { key: '{a}2', value, ttlMs: 60_000 },
  ];
  expect((await failure(store.commit([], writes))).code).toBe('OOM');
  expect((await failure(store.increment('count', 60_000))).code).toBe('OOM');
  expect(await store.getMany(['{a}1', '{a}2'])).toEqual([value, undefined]);
  expect(await store.commit([{ key: '{a}1', exists: false }], writes)).toBe(false);
  expect(await store.commit([{ key: '{a}1', equals: value }], [{ key: '{a}1', delete: true }])).toBe(true);
  await expect(store.ping()).resolves.toBeUndefined();
  await server.cli('config', 'set', 'maxmemory', '100mb');
  expect(await store.commit([], [{ key: '{a}2', value, ttlMs: 60_000 }])).toBe(true);
  expect(events()).toEqual(['store.connected']);
});

test('a replica refuses writes and goes on reading, and a promoted one writes', async () => {
  const server = await start();
  const { store } = connect(server.url);
  await store.commit([], [{ key: 'a', value, ttlMs: 60_000 }]);
  await demote(server);
  expect((await failure(store.commit([], [{ key: 'a', delete: true }]))).code).toBe('READONLY');
  await eventually(async () => (await store.get('a'))?.equals(value) ?? false);
  for (let round = 0; round < 3; round += 1) {
    const [refused, read] = await Promise.all([
      failure(store.commit([], [{ key: 'a', delete: true }])),
      store.get('a'),
    ]);
    expect(refused.code).toBe('READONLY');
    expect(read).toEqual(value);
  }
  await server.cli('replicaof', 'no', 'one');
  expect(await backAfter(store)).toBeLessThan(3000);
});

test('a master that has become a replica is left when its address leads to another server', async () => {
  const [old, next] = [await start(), await start()];
  let target = old.port;
  const address = createServer((client) => {
    const server = connectTcp(target, '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  }).listen(0, '127.0.0.1');
  afterTest(() => void address.close());
  await once(address, 'listening');
  const { store } = connect(`redis://127.0.0.1:${(address.address() as AddressInfo).port}`);
  await store.ping();
  await demote(old);
  target = next.port;
  expect(await backAfter(store)).toBeLessThan(3000);
  expect(await next.cli('dbsize')).toBe('1');
});

test('a call that was under way when the server died fails at once and is not made again', async () => {
  const server = await start();
  const { store } = connect(server.url);
  await store.increment('warm', 60_000);
  await server.kill('SIGSTOP');
  const call = failure(store.increment('once', 60_000));
  await new Promise((resolve) => setImmediate(resolve));
  await server.kill('SIGKILL');
  await server.restart();
  expect((await call).ms).toBeLessThan(1000);
  expect(await backAfter(store)).toBeLessThan(3000);
  expect(await server.cli('exists', 'once')).toBe('0');
});

test('a store that was away for long is found as quickly', async () => {
  const server = await start();
  const { store } = connect(server.url);
  await store.ping();
  await server.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await server.restart();
  expect(await backAfter(store)).toBeLessThan(1500);
});

test('a replica that has lost its master and serves nothing is unavailable', async () => {
  const server = await start({ args: ['--replica-serve-stale-data', 'no'] });
  const { store } = connect(server.url);
  await store.ping();
  await demote(server);
  expect((await failure(store.get('a'))).code).toBe('MASTERDOWN');
});

test('a closed store is unavailable and stays so', async () => {
  const server = await start();
  const { store, events } = connect(server.url);
  await store.ping();
  await store.close();
  expect((await failure(store.ping())).code).toBe('CLOSED');
  await eventually(async () => (await server.cli('info', 'clients')).includes('connected_clients:1\r'));
  expect(events()).toEqual(['store.connected']);
});
