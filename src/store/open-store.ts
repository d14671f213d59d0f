import type { Log } from '../log/log.js';
import { createMemoryStore } from './memory.js';
import { connectRedisStore } from './redis/redis-store.js';
import type { OpenedStore } from './store.js';

export interface StoreConfig {
  /** Absent: the embedded store. */
  redisUrl?: string | undefined;
  /** The text of REDIS_CA_FILE. */
  redisCa?: string | undefined;
  sentinelPassword?: string | undefined;
  /** Milliseconds for which a record may be remembered. */
  recallForMs?: number | undefined;
}

/** Opens the store that the configuration asks for. Throws RedisUrlError when REDIS_URL cannot be used. */
export function openStore(config: StoreConfig, { log, now }: { log: Log; now?: () => number }): OpenedStore {
  const { redisUrl, redisCa, sentinelPassword, recallForMs } = config;
  if (redisUrl === undefined) return createMemoryStore(now && { now });
  return connectRedisStore(redisUrl, {
    log,
    ...(redisCa === undefined ? {} : { caFile: redisCa }),
    ...(recallForMs === undefined ? {} : { recallForMs }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
  });
}
