import { createMemoryStore } from './memory.js';
import { connectRedisStore } from './redis.js';
/** Opens the store that the configuration asks for. Throws RedisUrlError when REDIS_URL cannot be used. */
export function openStore(config, { log, now }) {
    const { redisUrl, redisCa, sentinelPassword, recallForMs } = config;
    if (redisUrl === undefined)
        return createMemoryStore(now && { now });
    return connectRedisStore(redisUrl, {
        log,
        ...(redisCa === undefined ? {} : { caFile: redisCa }),
        ...(recallForMs === undefined ? {} : { recallForMs }),
        ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    });
}
