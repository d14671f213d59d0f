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

/**
 * The places at one origin. A call gets one while each of its parties has fewer places than are free: one party alone gets
 * half of all, two get a third each, and a place is left for the next party, however many do the same. Calls that wait are
 * served in turn, one of each party.
 */
export function createPlaces(options: PlacesOptions = {}): Places {
  return new Origin(options);
}

class Origin implements Places {
  #free: number;
  #waiting = 0;
  readonly #maxWaitMs: number;
  readonly #maxWaiting: number;
  readonly #counts = new Map<string, number>();
  /** By first party, in the order of their turns. */
  readonly #lines = new Map<string, Entry[]>();

  constructor({ size = 256, maxWaitMs = 10_000, maxWaiting = 1000 }: PlacesOptions) {
    this.#free = size;
    this.#maxWaitMs = maxWaitMs;
    this.#maxWaiting = maxWaiting;
  }

  enter(parties: Parties, begin: (error?: GatehouseError) => void): Place {
    const entry = new Entry(this, parties, begin);
    if (!this.#lines.has(entry.line) && this.#fits(parties)) this.#begin(entry);
    else if (this.#waiting >= this.#maxWaiting) begin(busy());
    else this.#wait(entry);
    return entry;
  }

  async within<T>(parties: Parties, work: () => Promise<T>): Promise<T> {
    let place: Place | undefined;
    await new Promise<void>((resolve, reject) => {
      place = this.enter(parties, (error) => (error ? reject(error) : resolve()));
    });
    try {
      return await work();
    } finally {
      place?.leave();
    }
  }

  giveBack({ parties }: Entry): void {
    this.#free += 1;
    for (const party of parties) {
      const count = (this.#counts.get(party) ?? 1) - 1;
      if (count === 0) this.#counts.delete(party);
      else this.#counts.set(party, count);
    }
    if (this.#waiting > 0) this.#serveWaiting();
  }

  endWait(entry: Entry): void {
    clearTimeout(entry.timer);
    this.#waiting -= 1;
    const line = this.#lines.get(entry.line) ?? [];
    line.splice(line.indexOf(entry), 1);
    if (line.length === 0) this.#lines.delete(entry.line);
  }

  #fits(parties: Parties): boolean {
    if (this.#free <= 0) return false;
    for (const party of parties) if ((this.#counts.get(party) ?? 0) >= this.#free) return false;
    return true;
  }

  #begin(entry: Entry): void {
    this.#free -= 1;
    for (const party of entry.parties) this.#counts.set(party, (this.#counts.get(party) ?? 0) + 1);
    entry.state = 'in';
    entry.begin();
  }

  #wait(entry: Entry): void {
    const line = this.#lines.get(entry.line) ?? [];
    line.push(entry);
    this.#lines.set(entry.line, line);
    this.#waiting += 1;
    entry.state = 'waiting';
    entry.timer = setTimeout(() => {
      entry.leave();
      entry.begin(busy());
    }, this.#maxWaitMs).unref();
  }

  /** One for each party in its turn, until no other fits. */
  #serveWaiting(): void {
    for (const [name, line] of this.#lines) {
      const [entry] = line;
      if (entry === undefined || !this.#fits(entry.parties)) continue;
      this.endWait(entry);
      this.#lines.delete(name);
      if (line.length > 0) this.#lines.set(name, line);
      this.#begin(entry);
    }
  }
}

/** A call that has a place, waits for one, or has left. */
class Entry implements Place {
  state: 'in' | 'waiting' | 'left' = 'left';
  timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly origin: Origin,
    readonly parties: Parties,
    readonly begin: (error?: GatehouseError) => void,
  ) {}

  get line(): string {
    return this.parties[0] ?? '';
  }

  leave(): void {
    const { state } = this;
    this.state = 'left';
    if (state === 'in') this.origin.giveBack(this);
    else if (state === 'waiting') this.origin.endWait(this);
  }
}

function busy(): GatehouseError {
  return new GatehouseError('upstream_busy', 'Too many calls to the provider are under way. Try again in a moment.', {
    retryAfter: 2,
  });
}
