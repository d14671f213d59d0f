import { GatehouseError } from '../errors.js';
import { callsKey } from '../store/keys.js';
import { takeLease, type Lease } from '../store/lease.js';
import type { Store } from '../store/store.js';

/** Bounds the calls that one session has under way, so that nobody takes every way to a provider. */
export interface CallLimit {
  /**
   * Counts a call until the function it answers is called. Throws GatehouseError rate_limited above the limit. `tag` is the
   * session's.
   */
  enter(tag: string, provider: string): (() => void) | Promise<() => void>;
}

interface UnderWay {
  count: number;
  /** Parts of the limit that this process has taken from the common store. */
  parts: Lease[];
  /** Another part is being asked for; unknown: the store did not answer. */
  asking?: Promise<'given' | 'none' | 'unknown'> | undefined;
}

/** A part outlives its process by this much; a limit may be a little tight for so long. */
const partTimes = { lifeMs: 9_000, renewEveryMs: 3_000 };

/**
 * Each process grants a quarter of the limit by itself, so that a usual session costs the store nothing. The other three
 * quarters exist once for all processes: whoever needs more takes one after the other. While the store cannot be asked, each
 * process grants the whole limit.
 */
export function createCallLimit(store: Store, most: number): CallLimit {
  const sessions = new Map<string, UnderWay>();
  const share = Math.ceil(most / 4);
  const partNumbers = Array.from({ length: Math.ceil(most / share) - 1 }, (_, index) => index + 1);

  const fits = ({ count, parts }: UnderWay): boolean => count < share * (1 + parts.length);

  const leave = (tag: string, mine: UnderWay) => (): void => {
    mine.count -= 1;
    // A part is given back only when it is clearly not needed, and not with every call around its edge.
    while (mine.parts.length > 0 && mine.count <= share * (mine.parts.length - 0.5)) void mine.parts.pop()?.release();
    if (mine.count === 0 && mine.parts.length === 0 && !mine.asking) sessions.delete(tag);
  };

  const askForPart = async (tag: string, mine: UnderWay): Promise<'given' | 'none' | 'unknown'> => {
    try {
      for (const part of partNumbers) {
        const lease = await takeLease(store, callsKey(tag, part), partTimes);
        if (lease) mine.parts.push(lease);
        if (lease) return 'given';
      }
      return 'none';
    } catch {
      return 'unknown';
    } finally {
      mine.asking = undefined;
    }
  };

  const enterMore = async (tag: string, provider: string, mine: UnderWay): Promise<() => void> => {
    for (;;) {
      const answer = await (mine.asking ??= askForPart(tag, mine));
      if (mine.count >= most || (answer === 'none' && !fits(mine))) throw limited(most, provider);
      // What cannot be counted together is counted here.
      if (answer === 'unknown' || fits(mine)) break;
    }
    mine.count += 1;
    return leave(tag, mine);
  };

  return {
    enter(tag, provider) {
      const mine = sessions.get(tag) ?? { count: 0, parts: [] };
      sessions.set(tag, mine);
      if (mine.count >= most) throw limited(most, provider);
      if (!fits(mine)) return enterMore(tag, provider, mine);
      mine.count += 1;
      return leave(tag, mine);
    },
  };
}

function limited(most: number, provider: string): GatehouseError {
  return new GatehouseError('rate_limited', `At most ${most} calls of a session may be under way at a time.`, {
    provider,
    retryAfter: 1,
  });
}
