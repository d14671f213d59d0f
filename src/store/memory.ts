import { checkCommit, checkLifetime, checkSameSlot } from './check-commit.js';
import { createMemoryEntries } from './memory-entries.js';
import { StoreUnavailableError, type Guard, type OpenedStore, type Write } from './store.js';
import { createWarmStore, type WarmStore } from './warm/warm-store.js';

export interface MemoryStoreOptions {
  /** The time in milliseconds; a test moves it. */
  now?: () => number;
  /** Keys held at most. */
  maxKeys?: number;
  /** Milliseconds for which `recall` may answer from memory: 10,000. */
  recallForMs?: number;
}

const sweepEveryMs = 1_000;

/**
 * The embedded store, for development: one process, lost when it ends. Every step is atomic because it is synchronous.
 * A proxied call finds its records the same way as over Redis: remembered, until a change is reported.
 *
 * It is bounded. When it is full, expired keys go first, then the oldest counters, a tenth of all keys at a time: a
 * forgotten counter only starts its window again. Records are never forgotten: when they alone fill the store, writes are
 * refused with StoreUnavailableError, as Redis does without eviction.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): OpenedStore {
  const { now = Date.now, maxKeys = 100_000, recallForMs = 10_000 } = options;
  let closed = false;
  let changed: WarmStore['changed'] = () => undefined;
  const entries = createMemoryEntries({ now, maxKeys, onExpired: (key) => changed([key]) });
  const { find } = entries;
  const timer = setInterval(() => entries.sweep(), sweepEveryMs).unref();

  function make(write: Write): void {
    const entry = find(write.key);
    if ('delete' in write) entries.delete(write.key);
    else if ('value' in write) {
      const expiresAt = now() + write.ttlMs;
      entries.put(write.key, { value: Buffer.from(write.value), expiresAt, isCounter: false });
    } else if (entry) entry.expiresAt = now() + write.ttlMs;
  }

  function read(key: string): Buffer | undefined {
    const entry = find(key);
    return entry && Buffer.from(entry.value);
  }

  function commit(guards: readonly Guard[], writes: readonly Write[]): boolean {
    checkCommit(guards, writes);
    if (!guards.every((guard) => holds(guard, find(guard.key)?.value))) return false;
    const added = writes.filter((write) => 'value' in write && !find(write.key)).length;
    if (added > 0) entries.makeRoom(added);
    writes.forEach(make);
    changed(writes.map(({ key }) => key));
    return true;
  }

  function increment(key: string, windowMs: number): { count: number; resetMs: number } {
    checkLifetime(windowMs);
    const entry = find(key);
    const count = Number(entry?.value ?? 0) + 1;
    if (entry && Number.isSafeInteger(count)) {
      entry.value = Buffer.from(String(count));
      return { count, resetMs: entry.expiresAt - now() };
    }
    entries.delete(key);
    entries.makeRoom(1);
    entries.put(key, { value: Buffer.from('1'), expiresAt: now() + windowMs, isCounter: true });
    return { count: 1, resetMs: windowMs };
  }

  /** Settles as a call to a server would: later, and with an error as a rejection. */
  async function answer<T>(step: () => T): Promise<T> {
    await Promise.resolve();
    if (closed) throw new StoreUnavailableError('The embedded store is closed');
    return step();
  }

  const store: OpenedStore = {
    get: (key) => answer(() => read(key)),
    getMany: (keys) =>
      answer(() => {
        checkSameSlot(keys);
        return keys.map(read);
      }),
    recall: (keys) => store.getMany(keys),
    gather: (keys) => answer(() => keys.map(read)),
    remembered: () => undefined,
    commit: (guards, writes) => answer(() => commit(guards, writes)),
    increment: (key, windowMs) => answer(() => increment(key, windowMs)),
    presence: () => undefined,
    hasEnded: () => Promise.resolve(false),
    ping: () => answer(() => undefined),
    close: () => {
      closed = true;
      clearInterval(timer);
      entries.clear();
      return Promise.resolve();
    },
    status: () => (closed ? 'lost' : 'ready'),
    describe: () => 'embedded in this process',
  };
  return createWarmStore(store, {
    maxAgeMs: recallForMs,
    channel: (report) => {
      changed = report;
      return { isUp: () => !closed, close: () => undefined };
    },
  });
}

function holds(guard: Guard, value: Buffer | undefined): boolean {
  if ('exists' in guard) return (value !== undefined) === guard.exists;
  if (value === undefined) return false;
  if ('equals' in guard) return value.equals(guard.equals);
  return value.subarray(0, guard.startsWith.length).equals(guard.startsWith);
}
