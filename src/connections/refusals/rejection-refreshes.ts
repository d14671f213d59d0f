import type { Connection, RejectionRefreshes } from '../connection.js';

/** Refreshes for a rejection that may follow each other at once, as long as they help. */
const freeRefreshes = 3;
const firstPauseMs = 60_000;
const longestPauseMs = 3_600_000;

/**
 * When the next refresh for a rejection may be made, in milliseconds since the epoch. An API that rejects tokens for another
 * reason than their end must not cost a refresh for each call, however accepted calls come between: after one in vain the
 * pause is a minute and doubles, and also those that help are few at a time.
 */
export function nextRefreshAt({ rejectionRefreshes }: Connection): number {
  if (!rejectionRefreshes) return 0;
  const { at, count, vain } = rejectionRefreshes;
  const step = vain > 0 ? vain : count - freeRefreshes + 1;
  return step < 1 ? 0 : at + Math.min(longestPauseMs, firstPauseMs * 2 ** (step - 1));
}

/** The count after one more refresh for a rejection; it starts again when the longest pause has passed without one. */
export function oneMoreRefresh({ rejectionRefreshes }: Connection, at: number): RejectionRefreshes {
  const { count, vain } =
    rejectionRefreshes && at - rejectionRefreshes.at < longestPauseMs ? rejectionRefreshes : { count: 0, vain: 0 };
  return { at, count: count + 1, vain };
}
