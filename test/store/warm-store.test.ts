import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createLog } from '../../src/log/log.js';
import { connectRedisStore } from '../../src/store/redis/redis-store.js';
import type { OpenedStore } from '../../src/store/store.js';
import { startMutedRedis } from './muted-redis.js';
import { eventually, startRedis, type RedisServer } from '../world/redis.js';
import { startSentinel } from '../world/redis-sentinel.js';

const log = createLog({ level: 'silent', format: 'json' });
const open: (() => Promise<void>)[] = [];
let server: RedisServer;
let here: OpenedStore;
let there: OpenedStore;
let key: string;

beforeEach(async () => {
  server = await startRedis();
  open.push(() => server.stop());
  here = connect(server.url);
  there = connect(server.url);
  key = `gh:{${randomUUID()}}:session`;
  await put(there, 'old');
  await warmUp();
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function connect(url: string, recallForMs = 60_000): OpenedStore {
  const store = connectRedisStore(url, { log, recallForMs });
  open.push(() => store.close());
  return store;
}

async function put(store: OpenedStore, value: string, ttlMs = 60_000): Promise<void> {
  await store.commit([], [{ key, value: Buffer.from(value), ttlMs }]);
}

async function recalled(store = here): Promise<string | undefined> {
  return (await store.recall([key]))[0]?.toString();
}

/** How often values were read from the server. */
async function reads(of = server): Promise<number> {
  const stats = await of.cli('info', 'commandstats');
  const calls = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  return calls('get') + calls('mget');
}

/** Resolves when the store answers from memory. */
async function warmUp(store = here, of = server): Promise<void> {
  await eventually(async () => {
    await recalled(store);
    const before = await reads(of);
    await recalled(store);
    return (await reads(of)) === before;
  }, 5000);
}

test('a warm record is recalled without asking Redis', async () => {
  const before = await reads();
  for (let call = 0; call < 200; call += 1) expect(await recalled()).toBe('old');
  expect(await reads()).toBe(before);
});

test('a write of another process is seen', async () => {
  await put(there, 'new');
  await eventually(async () => (await recalled()) === 'new', 1000);
});

test('a deletion by another process is seen', async () => {
  await there.commit([], [{ key, delete: true }]);
  await eventually(async () => (await recalled()) === undefined, 1000);
});

test("this process's own write is seen by the very next call", async () => {
  for (let turn = 0; turn < 50; turn += 1) {
    await recalled();
    await put(here, String(turn));
    expect(await recalled()).toBe(String(turn));
  }
});

test('a read that a write overtakes leaves nothing old behind', async () => {
  for (let turn = 0; turn < 100; turn += 1) {
    await put(here, `before ${turn}`);
    await Promise.all([recalled(), put(here, `after ${turn}`), recalled(), recalled()]);
    expect(await recalled()).toBe(`after ${turn}`);
  }
});

test('a key that expires is gone', async () => {
  await put(there, 'short', 80);
  await eventually(async () => (await recalled()) === 'short', 1000);
  await eventually(async () => (await recalled()) === undefined, 2000);
});

test('FLUSHALL leaves nothing behind', async () => {
  await server.cli('flushall');
  await eventually(async () => (await recalled()) === undefined, 1000);
});

test('when the channel is cut nothing is answered from memory until it is back', async () => {
  await cutChannels();
  await server.cli('set', key, 'behind its back');
  await eventually(async () => (await recalled()) === 'behind its back', 1000);
  await warmUp();
  await put(there, 'newest');
  await eventually(async () => (await recalled()) === 'newest', 1000);
});

test('when the channel is gone for good the next calls already ask Redis', async () => {
  const way = await startMutedRedis(server.port, 'gatehouse-changes');
  open.push(() => way.close());
  const store = connect(way.url);
  await warmUp(store);
  way.cut();
  await put(there, 'unreported');
  await eventually(async () => (await recalled(store)) === 'unreported', 500);
});

test('where Redis refuses to report changes every read asks it', async () => {
  await server.cli('acl', 'setuser', 'plain', 'on', '>pass', '~*', '+@all', '-client|tracking');
  const store = connect(server.url.replace('redis://', 'redis://plain:pass@'));
  expect(await recalled(store)).toBe('old');
  const before = await reads();
  for (let call = 0; call < 20; call += 1) await recalled(store);
  expect(await reads()).toBe(before + 20);
});

test('a channel that falls silent is not trusted for long', async () => {
  const way = await startMutedRedis(server.port, 'gatehouse-changes');
  open.push(() => way.close());
  const store = connect(way.url);
  await warmUp(store);
  way.mute();
  await put(there, 'unreported');
  await eventually(async () => (await recalled(store)) === 'unreported', 4000);
});

test('a remembered value is read anew after a while', async () => {
  const store = connect(server.url, 300);
  await warmUp(store);
  const before = await reads();
  await eventually(async () => {
    await recalled(store);
    return (await reads()) > before;
  }, 2000);
});

test('a lost server is an error, not a memory', async () => {
  await server.kill('SIGKILL');
  await eventually(() => recalled().then(() => false, isUnavailable), 1000);
});

test('with Sentinel a record is warm, and after a failover it is read from the new master', async () => {
  const group = await startSentinel();
  open.push(() => group.stop());
  const [master] = group.nodes;
  const store = connect(group.url);
  await put(store, 'first');
  await warmUp(store, master);
  await master?.kill('SIGKILL');
  await eventually(async () => {
    await put(store, 'second');
    return true;
  }, 15_000);
  expect(await recalled(store)).toBe('second');
});

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && error.name === 'StoreUnavailableError';
}

async function cutChannels(): Promise<void> {
  const clients = (await server.cli('client', 'list')).split('\n');
  for (const line of clients.filter((each) => each.includes('name=gatehouse-changes')))
    await server.cli('client', 'kill', 'id', /\bid=(\d+)/.exec(line)?.[1] ?? '');
}
