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
  enter(browserId: string, provider: string): (() => void) | Promise<() => void>;
}

interface UnderWay {
  count: number;
  /** The most at a time since it was last seen whether a part can be given back. */
  peak: number;
  /** Looks after the parts from time to time. */
  keeper?: NodeJS.Timeout | undefined;
  /** Parts of the limit that this process has taken from the common store. */
  parts: Lease[];
  /** Another part is being asked for; unknown: the store did not answer. */
  asking?: Promise<'given' | 'none' | 'unknown'> | undefined;
}

/** A part outlives its process by this much; a limit may be a little tight for so long. */
const partTimes = { lifeMs: 9_000, extendEveryMs: 3_000 };
/** Milliseconds after which a part that was not needed is given back. */
const idlePartMs = 1_000;

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

  const forgetIdle = (browserId: string, mine: UnderWay): void => {
    if (mine.count > 0 || mine.parts.length > 0 || mine.asking) return;
    clearInterval(mine.keeper);
    sessions.delete(browserId);
  };
  const enterOne = (mine: UnderWay): void => {
    mine.count += 1;
    if (mine.count > mine.peak) mine.peak = mine.count;
  };
  const leave = (browserId: string, mine: UnderWay) => (): void => {
    mine.count -= 1;
    if (mine.count === 0) forgetIdle(browserId, mine);
  };

  /** A part is given back when it was not needed for a while, and not with every call around its edge. */
  const keep = (browserId: string, mine: UnderWay): void => {
    mine.keeper ??= setInterval(() => {
      while (mine.parts.length > 0 && mine.peak <= share * mine.parts.length) void mine.parts.pop()?.release();
      mine.peak = mine.count;
      if (mine.parts.length > 0) return;
      clearInterval(mine.keeper);
      mine.keeper = undefined;
      forgetIdle(browserId, mine);
    }, idlePartMs).unref();
  };

  const askForPart = async (browserId: string, mine: UnderWay): Promise<'given' | 'none' | 'unknown'> => {
    try {
      for (const part of partNumbers) {
        const lease = await takeLease(store, callsKey(browserId, part), partTimes);
        if (!lease) continue;
        mine.parts.push(lease);
        keep(browserId, mine);
        return 'given';
      }
      return 'none';
    } catch {
      return 'unknown';
    } finally {
      mine.asking = undefined;
    }
  };

  const enterMore = async (browserId: string, provider: string, mine: UnderWay): Promise<() => void> => {
    for (;;) {
      const answer = await (mine.asking ??= askForPart(browserId, mine));
      if (mine.count >= most || (answer === 'none' && !fits(mine))) throw limited(most, provider);
      // What cannot be counted together is counted here.
      if (answer === 'unknown' || fits(mine)) break;
    }
    enterOne(mine);
    return leave(browserId, mine);
  };

  return {
    enter(browserId, provider) {
      let mine = sessions.get(browserId);
      if (!mine) sessions.set(browserId, (mine = { count: 0, peak: 0, parts: [] }));
      if (mine.count >= most) throw limited(most, provider);
      if (!fits(mine)) return enterMore(browserId, provider, mine);
      enterOne(mine);
      return leave(browserId, mine);
    },
  };
}

function limited(most: number, provider: string): GatehouseError {
  return new GatehouseError('rate_limited', `At most ${most} calls of a session may be under way at a time.`, {
    provider,
    retryAfter: 1,
  });
}
