import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit, type Store as RateLimitStore } from 'express-rate-limit';
import { GatehouseError } from '../errors.js';
import { limitKey } from '../store/keys.js';
import type { Store } from '../store/store.js';

interface Limit {
  name: string;
  /** Requests in a window. */
  most: number;
  windowMs: number;
}

/** At most so many requests from one address in a window, counted for all processes. A store that is down limits nobody. */
export function limitPerAddress(store: Store, { name, most, windowMs }: Limit): RequestHandler {
  const counters: RateLimitStore = {
    increment: async (who) => {
      const { count, resetMs } = await store.increment(limitKey(name, who), windowMs);
      return { totalHits: count, resetTime: new Date(Date.now() + resetMs) };
    },
    decrement: () => undefined,
    resetKey: () => undefined,
  };
  return rateLimit({
    windowMs,
    limit: most,
    store: counters,
    passOnStoreError: true,
    legacyHeaders: false,
    standardHeaders: 'draft-8',
    keyGenerator: (req) => ipKeyGenerator(req.ip ?? 'unknown'),
    handler: (req, _res, next) => {
      const reset =
        (req as { rateLimit?: { resetTime?: Date } }).rateLimit?.resetTime?.getTime() ?? Date.now() + windowMs;
      const retryAfter = Math.max(1, Math.ceil((reset - Date.now()) / 1000));
      next(
        new GatehouseError('rate_limited', `Too many attempts from this address. Try again in ${retryAfter} s.`, {
          retryAfter,
        }),
      );
    },
  });
}
