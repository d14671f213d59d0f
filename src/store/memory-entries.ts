import { StoreUnavailableError } from './store.js';

/** What the embedded store holds: entries that expire, and never more than a limit. */
export interface MemoryEntries {
  /** The entry, unless it has expired. */
  find(key: string): MemoryEntry | undefined;
  put(key: string, entry: MemoryEntry): void;
  delete(key: string): void;
  /** Removes what has expired. */
  sweep(): void;
  /** Makes room for so many new keys. Throws StoreUnavailableError when records alone fill the store. */
  makeRoom(added: number): void;
  clear(): void;
}

export interface MemoryEntry {
  value: Buffer;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** Made by `increment`: may be forgotten to make room. */
  isCounter: boolean;
}

interface Options {
  now: () => number;
  maxKeys: number;
  onExpired: (key: string) => void;
}

export function createMemoryEntries({ now, maxKeys, onExpired }: Options): MemoryEntries {
  const entries = new Map<string, MemoryEntry>();

  function find(key: string): MemoryEntry | undefined {
    const entry = entries.get(key);
    if (entry === undefined || entry.expiresAt > now()) return entry;
    expire(key);
    return undefined;
  }

  function expire(key: string): void {
    entries.delete(key);
    onExpired(key);
  }

  function sweep(): void {
    const time = now();
    for (const [key, entry] of entries) if (entry.expiresAt <= time) expire(key);
  }

  function makeRoom(added: number): void {
    if (entries.size + added <= maxKeys) return;
    sweep();
    const surplus = entries.size + added - maxKeys;
    if (surplus <= 0) return;
    forgetCounters(Math.max(surplus, Math.ceil(maxKeys / 10)));
    if (entries.size + added > maxKeys) throw new StoreUnavailableError('The embedded store is full');
  }

  /** The oldest ones first. */
  function forgetCounters(count: number): void {
    let left = count;
    for (const [key, entry] of entries) {
      if (left === 0) break;
      if (!entry.isCounter) continue;
      entries.delete(key);
      left -= 1;
    }
  }

  return {
    find,
    // A key that is written again becomes the newest.
    put: (key, entry) => {
      entries.delete(key);
      entries.set(key, entry);
    },
    delete: (key) => void entries.delete(key),
    sweep,
    makeRoom,
    clear: () => entries.clear(),
  };
}
