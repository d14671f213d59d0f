import { LRUCache } from 'lru-cache';

/** Tells one endpoint's oddity from a token that the API rejects everywhere. Kept in the process. */
export interface Acceptances {
  /** The API accepted a token of the connection. */
  add(key: string): void;
  /** Whether a rejection counts: the API accepted no token of the connection lately, or rejected one since it did. */
  isSecondRejection(key: string): boolean;
}

/** Milliseconds for which an accepted token speaks for the connection. */
const acceptanceLifeMs = 60_000;

export function createAcceptances(now: () => number): Acceptances {
  const acceptances = new LRUCache<string, { at: number; doubted: boolean }>({ max: 10_000 });
  return {
    add: (key) => {
      const known = acceptances.get(key);
      if (!known) acceptances.set(key, { at: now(), doubted: false });
      else {
        known.at = now();
        known.doubted = false;
      }
    },
    isSecondRejection: (key) => {
      const acceptance = acceptances.get(key);
      if (!acceptance || acceptance.doubted || now() - acceptance.at >= acceptanceLifeMs) return true;
      acceptance.doubted = true;
      return false;
    },
  };
}
