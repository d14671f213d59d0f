import { connectionIndexKey } from '../store/keys.js';
import type { Guard, Store, Write } from '../store/store.js';
import type { Vault } from './vault.js';

/** A connection of a holder: its id, and the cell in which its records lie. */
export interface IndexEntry {
  id: string;
  cell: string;
}

/**
 * Which connections a holder has, as written down: one sealed record in the holder's slot, committed together with every
 * connection that comes or goes. Releases before 0.3 neither write nor read it, so that it never stands alone: a record in
 * the first cell of a provider counts, listed or not, and an entry without its record does not.
 */
export interface ConnectionIndex {
  entries: readonly IndexEntry[];
  /** Absent where none is stored; empty where something else than a value lies there. */
  sealed?: Buffer;
}

export interface ConnectionIndexes {
  read(slot: string): Promise<ConnectionIndex>;
  open(slot: string, sealed: Buffer | undefined): ConnectionIndex;
  /** The guard that the index is as it was read. */
  unchanged(slot: string, index: ConnectionIndex): Guard;
  write(slot: string, entries: readonly IndexEntry[], ttlMs: number): Write;
}

export function createConnectionIndexes({ store, vault }: { store: Store; vault: Vault }): ConnectionIndexes {
  /** By the very bytes: what the store remembers is the same object each time, and is opened once. */
  const opened = new WeakMap<Buffer, ConnectionIndex>();

  const open: ConnectionIndexes['open'] = (slot, sealed) => {
    if (!sealed) return { entries: [] };
    const known = opened.get(sealed);
    if (known) return known;
    const value = vault.open(connectionIndexKey(slot), sealed)?.value as { entries: IndexEntry[] } | undefined;
    const index = { entries: value?.entries ?? [], sealed };
    opened.set(sealed, index);
    return index;
  };

  return {
    open,
    read: async (slot) => {
      const key = connectionIndexKey(slot);
      const sealed = await store.get(key);
      if (sealed || (await store.commit([{ key, exists: false }], []))) return open(slot, sealed);
      return open(slot, (await store.get(key)) ?? Buffer.alloc(0));
    },
    unchanged: (slot, { sealed }) => {
      const key = connectionIndexKey(slot);
      if (!sealed) return { key, exists: false };
      return sealed.length === 0 ? { key, exists: true } : { key, equals: sealed };
    },
    write: (slot, entries, ttlMs) => {
      const key = connectionIndexKey(slot);
      return { key, value: vault.seal(key, { entries }), ttlMs };
    },
  };
}
