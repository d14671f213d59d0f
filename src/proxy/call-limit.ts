import { GatehouseError } from '../errors.js';

/** Bounds the calls that one session has under way in this process, so that nobody takes every way to a provider. */
export interface CallLimit {
  /** Counts the call until it settles. Throws GatehouseError rate_limited above the limit. */
  during<T>(session: string, provider: string, call: () => Promise<T>): Promise<T>;
}

export function createCallLimit(most: number): CallLimit {
  const underWay = new Map<string, number>();
  return {
    async during(session, provider, call) {
      const count = underWay.get(session) ?? 0;
      if (count >= most)
        throw new GatehouseError('rate_limited', `At most ${most} calls of a session may be under way at a time.`, {
          provider,
          retryAfter: 1,
        });
      underWay.set(session, count + 1);
      try {
        return await call();
      } finally {
        const left = (underWay.get(session) ?? 1) - 1;
        if (left > 0) underWay.set(session, left);
        else underWay.delete(session);
      }
    },
  };
}
