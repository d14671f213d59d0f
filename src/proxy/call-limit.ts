import { GatehouseError } from '../errors.js';

/** Bounds the calls that one session has under way in this process. */
export interface CallLimit {
  /** Counts a call until the returned function is called, once. Throws GatehouseError rate_limited above the limit. */
  enter(browserId: string, provider: string): () => void;
}

export function createCallLimit(maxCalls: number): CallLimit {
  const counts = new Map<string, number>();
  return {
    enter(browserId, provider) {
      const count = counts.get(browserId) ?? 0;
      if (count >= maxCalls)
        throw new GatehouseError('rate_limited', `At most ${maxCalls} calls of a session may be under way at a time.`, {
          provider,
          retryAfter: 1,
        });
      counts.set(browserId, count + 1);
      return () => {
        const left = (counts.get(browserId) ?? 1) - 1;
        if (left === 0) counts.delete(browserId);
        else counts.set(browserId, left);
      };
    },
  };
}
