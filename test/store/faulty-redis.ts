import { afterEach, expect } from '@jest/globals';
import { inspect } from 'node:util';
import { connectRedisStore, type RedisStoreOptions } from '../../src/store/redis/redis-store.js';
import { StoreUnavailableError, type OpenedStore } from '../../src/store/store.js';
import { eventually, startRedis, type RedisServer, type RedisServerOptions } from '../world/redis.js';
import { recordedLog } from './recorded-log.js';

let cleanUp: (() => Promise<void> | void)[] = [];
export function afterTest(step: () => Promise<void> | void): void {
  cleanUp.push(step);
}

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
  cleanUp = [];
});

/** A server that ends with the test. */
export async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  cleanUp.push(() => server.stop());
  return server;
}

/** A store that is closed with the test, and its log. */
export function connect(url: string, options: Partial<RedisStoreOptions> = {}) {
  const recorded = recordedLog();
  const store = connectRedisStore(url, { log: recorded.log, ...options });
  cleanUp.push(() => store.close());
  return { store, ...recorded };
}

/** How a call fails, and after how many milliseconds. */
export async function failure(call: Promise<unknown>): Promise<{ code: unknown; ms: number; text: string }> {
  const began = performance.now();
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreUnavailableError);
  const { cause } = error as { cause?: { code?: unknown } };
  return { code: cause?.code, ms: performance.now() - began, text: inspect(error, { depth: 9, showHidden: true }) };
}

/** Milliseconds until a write is made again. */
export async function backAfter(store: OpenedStore): Promise<number> {
  const began = performance.now();
  await eventually(() => store.commit([], [{ key: 'back', value: Buffer.from('x'), ttlMs: 60_000 }]));
  return performance.now() - began;
}
