import type { Clock } from './state/clock.js';

export interface RateLimit {
  readonly limit: number;
  /** Seconds. */
  readonly window: number;
}

export interface Rate {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly reset: number;
  readonly exceeded: boolean;
}

/** Counts calls in fixed windows, a counter per key. */
export function rateCounter(clock: Clock, { limit, window }: RateLimit): (key: string) => Rate {
  const windows = new Map<string, { start: number; used: number }>();
  return (key) => {
    const now = clock.seconds();
    const known = windows.get(key);
    const current = known && known.start <= now && now < known.start + window ? known : { start: now, used: 0 };
    current.used += 1;
    windows.set(key, current);
    const remaining = Math.max(0, limit - current.used);
    return { limit, remaining, reset: current.start + window - now, exceeded: current.used > limit };
  };
}
