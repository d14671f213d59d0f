import type { Log } from '../log/log.js';
import { createMemoryStore } from './memory.js';
import { connectRedisStore } from './redis/redis-store.js';
import type { RedisPlace } from './redis/url.js';
import type { OpenedStore } from './store.js';

export interface StoreOptions {
  log: Log;
  /** Milliseconds for which a record may be remembered. */
  recallForMs?: number;
}

/** Opens the store that the configuration asks for: Redis, or without one the embedded store. Throws RedisUrlError. */
export function openStore(redis: RedisPlace | undefined, options: StoreOptions): OpenedStore {
  return redis ? connectRedisStore(redis.url, { ...redis, ...options }) : createMemoryStore(options);
}
