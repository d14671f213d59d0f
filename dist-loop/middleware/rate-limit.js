import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { GatehouseError } from '../errors.js';
import { limitKey } from '../store/keys.js';
import { StoreUnavailableError } from '../store/store.js';
/** At most so many requests from one address in a window, counted for all processes. A store that is down limits nobody. */
export function limitPerAddress(store, { name, most, windowMs }) {
    const counters = {
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
        keyGenerator: (req) => ipKeyGenerator(req.ip ?? 'unknown'),
        handler: (req, _res, next) => {
            const reset = req.rateLimit?.resetTime?.getTime() ?? Date.now() + windowMs;
            const retryAfter = Math.max(1, Math.ceil((reset - Date.now()) / 1000));
            next(new GatehouseError('rate_limited', `Too many attempts from this address. Try again in ${retryAfter} s.`, {
                retryAfter,
            }));
        },
    });
}
/** What cannot be counted is let through: the request meets the same store at its next step, and is told there. */
function countingNothing(resetMs) {
    return (error) => {
        if (error instanceof StoreUnavailableError)
            return { count: 1, resetMs };
        throw error;
    };
}
