import type { RequestHandler } from 'express';
import { rateLimit, type Store as RateLimitStore } from 'express-rate-limit';
import { GatehouseError } from '../errors.js';
import { clientAddress } from '../http/client-address.js';
import { limitKey } from '../store/keys.js';
import { StoreUnavailableError, type Store } from '../store/store.js';

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
      const { count, resetMs } = await store.increment(limitKey(name, who), windowMs).catch(countingNothing(windowMs));
      return { totalHits: count, resetTime: new Date(Date.now() + resetMs) };
    },
    decrement: () => undefined,
    resetKey: () => undefined,
  };
  return rateLimit({
    windowMs,
    limit: most,
    store: counters,
    validate: false,
    legacyHeaders: false,
    standardHeaders: 'draft-8',
    keyGenerator: clientAddress,
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

/** What cannot be counted is let through: the request meets the same store at its next step, and is told there. */
function countingNothing(resetMs: number) {
  return (error: unknown): { count: number; resetMs: number } => {
    if (error instanceof StoreUnavailableError) return { count: 1, resetMs };
    throw error;
  };
}
