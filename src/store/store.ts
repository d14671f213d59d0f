/**
 * What Gatehouse asks of its store: a few atomic steps on keys that expire. Two implementations keep to it, Redis and
 * the embedded one, and one contract suite is run against both.
 *
 * Keys of one browser share the hash tag in their braces (`gh:{tag}:…`), so that a call naming several keys works on
 * Redis Cluster. Every value expires: a lifetime is milliseconds, a whole number from 1 up.
 *
 * Any call rejects with StoreUnavailableError when the store cannot be asked or will not write, within two seconds. A
 * write that ended so was made completely or not at all, but which of the two is unknown. A call that breaks these rules
 * (keys of two browsers, a lifetime that is none) rejects with a RangeError.
 *
 * A key that holds something else than a value (another program wrote a list there) reads as undefined; for a commit it
 * exists, equals nothing, and can be overwritten and deleted.
 */
export interface Store {
  get(key: string): Promise<Buffer | undefined>;
  /** The values in the order of the keys. All keys must carry the same hash tag. */
  getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]>;
  /** As getMany, for keys of several browsers: one command, on Redis Cluster one for each slot. */
  gather(keys: readonly string[]): Promise<(Buffer | undefined)[]>;
  /**
   * As getMany, for the way of every proxied call: from memory where the store reports each change to this process, so
   * that a value is never older than such a report takes. The buffers are shared: nobody writes to them.
   */
  recall(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]>;
  /** What `recall` would answer, where memory holds a value for every key; otherwise undefined, and nobody was asked. */
  remembered(keys: readonly string[]): readonly Buffer[] | undefined;
  /**
   * All or nothing: if every guard holds, every write is made and the answer is true; otherwise nothing changes and the
   * answer is false. All keys must carry the same hash tag, and no key is written twice.
   */
  commit(guards: readonly Guard[], writes: readonly Write[]): Promise<boolean>;
  /**
   * Adds one to a counter and answers its new value and the milliseconds until it starts again; the first step in a
   * window sets the window's length.
   */
  increment(key: string, windowMs: number): Promise<{ count: number; resetMs: number }>;
  /** The name by which others on this store see whether this process lives; undefined where that cannot be seen. */
  presence(): string | undefined;
  /** Whether the process of this name is known to have ended, since its connection to the store is gone. False when in doubt. */
  hasEnded(presence: string): Promise<boolean>;
  /** Resolves when the store answers, rejects with StoreUnavailableError otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type Guard =
  /** The key holds exactly this value. Sealed records never repeat, so equality works as a version (docs/decisions). */
  | { key: string; equals: Buffer }
  /** The key's value begins with this. */
  | { key: string; startsWith: Buffer }
  | { key: string; exists: boolean };

export type Write =
  | { key: string; value: Buffer; ttlMs: number }
  /** Sets the time to live of a key that exists; does nothing to one that does not. */
  | { key: string; ttlMs: number }
  | { key: string; delete: true };

/** The store could not be asked, or refused to write. Never a reason to log a person out. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** A store together with what an operator may be told about it. */
export interface OpenedStore extends Store {
  status(): StoreStatus;
  /** Where the store lives, for diagnostics: kind and addresses, never credentials. */
  describe(): string;
}

/** `connecting` until the first connection, then `ready` or `lost`. */
export type StoreStatus = 'connecting' | 'ready' | 'lost';
