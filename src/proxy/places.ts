import { GatehouseError } from '../errors.js';

/** A call's place among those under way to one origin. */
export interface Place {
  /** Gives the place back, or ends the wait for it. May be called again. */
  leave(): void;
}

/** Who makes a call: each name is counted, so that none of them takes all places. The first one takes turns with others. */
export type Parties = readonly string[];

export interface Places {
  /**
   * Calls `begin` once a place is free: at once where one is. A call that gets none in time, or finds too many waiting, is
   * given GatehouseError upstream_busy.
   */
  enter(parties: Parties, begin: (error?: GatehouseError) => void): Place;
  /** Does some work in a place. Throws GatehouseError upstream_busy. */
  within<T>(parties: Parties, work: () => Promise<T>): Promise<T>;
}

export interface PlacesOptions {
  /** Calls under way at a time (256). */
  size?: number | undefined;
  /** Milliseconds that a call waits for its place (10,000). */
  maxWaitMs?: number | undefined;
  /** Calls that wait at a time (1,000). */
  maxWaiting?: number | undefined;
}

type Entry = Place & { readonly parties: Parties; begin: (error?: GatehouseError) => void; timer?: NodeJS.Timeout };

/**
 * The places at one origin. A call gets one while each of its parties has fewer places than are free: one party alone gets
 * half of all, two get a third each, and a place is left for the next party, however many do the same. Calls that wait are
 * served in turn, one of each party.
 */
export function createPlaces({ size = 256, maxWaitMs = 10_000, maxWaiting = 1000 }: PlacesOptions = {}): Places {
  let free = size;
  let waiting = 0;
  const counts = new Map<string, number>();
  /** By first party, in the order of their turns. */
  const lines = new Map<string, Entry[]>();
  const lineOf = ({ parties }: Entry): string => parties[0] ?? '';

  const fits = (parties: Parties): boolean => {
    if (free <= 0) return false;
    for (const party of parties) if ((counts.get(party) ?? 0) >= free) return false;
    return true;
  };

  const take = (entry: Entry): void => {
    free -= 1;
    for (const party of entry.parties) counts.set(party, (counts.get(party) ?? 0) + 1);
    entry.leave = () => {
      entry.leave = done;
      free += 1;
      for (const party of entry.parties) {
        const count = (counts.get(party) ?? 1) - 1;
        if (count === 0) counts.delete(party);
        else counts.set(party, count);
      }
      if (waiting > 0) serveWaiting();
    };
  };

  /** One for each party in its turn, until no other fits. */
  const serveWaiting = (): void => {
    for (const [party, line] of lines) {
      const [entry] = line;
      if (entry === undefined || !fits(entry.parties)) continue;
      lines.delete(party);
      if (line.length > 1) lines.set(party, line);
      remove(entry, line);
      take(entry);
      entry.begin();
    }
  };

  const remove = (entry: Entry, line: Entry[]): void => {
    clearTimeout(entry.timer);
    line.splice(line.indexOf(entry), 1);
    waiting -= 1;
  };

  const wait = (entry: Entry): void => {
    const line = lines.get(lineOf(entry)) ?? [];
    line.push(entry);
    lines.set(lineOf(entry), line);
    waiting += 1;
    entry.leave = () => {
      entry.leave = done;
      remove(entry, line);
      if (line.length === 0) lines.delete(lineOf(entry));
    };
    entry.timer = setTimeout(() => {
      entry.leave();
      entry.begin(busy());
    }, maxWaitMs).unref();
  };

  return {
    async within(parties, work) {
      let place: Place | undefined;
      await new Promise<void>((resolve, reject) => {
        place = this.enter(parties, (error) => (error ? reject(error) : resolve()));
      });
      try {
        return await work();
      } finally {
        place?.leave();
      }
    },
    enter(parties, begin) {
      const entry: Entry = { parties, begin, leave: done };
      if (!lines.has(lineOf(entry)) && fits(parties)) {
        take(entry);
        begin();
      } else if (waiting >= maxWaiting) begin(busy());
      else wait(entry);
      return entry;
    },
  };
}

function done(): void {
  // The place was given back, or never taken.
}

function busy(): GatehouseError {
  return new GatehouseError('upstream_busy', 'Too many calls to the provider are under way. Try again in a moment.', {
    retryAfter: 2,
  });
}
