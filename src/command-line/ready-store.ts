import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../log/log.js';
import { openStore } from '../store/open-store.js';
import { isRefusal, storeFailureCode } from '../store/redis/failure.js';
import type { RedisPlace } from '../store/redis/url.js';
import type { OpenedStore } from '../store/store.js';

/** Milliseconds for a store that is there, seen from a busy machine. */
const timeoutMs = 5_000;

/**
 * The store, once it answers: a server refuses what comes before its first connection rather than wait, a command has the
 * time. Rejects with StoreUnavailableError.
 */
export async function openReadyStore(redis: RedisPlace, log: Log): Promise<OpenedStore> {
  const store = openStore(redis, { log });
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      await store.ping();
      return store;
    } catch (error) {
      if (isRefusal(storeFailureCode(error)) || performance.now() > deadline) {
        await store.close();
        throw error;
      }
      await wait(50);
    }
  }
}
