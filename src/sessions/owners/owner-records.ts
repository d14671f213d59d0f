import { randomBytes } from 'node:crypto';
import type { Vault } from '../../connections/vault.js';
import { ownerKey } from '../../store/keys.js';
import type { Guard, Store } from '../../store/store.js';
import type { Owner } from './owner.js';

/**
 * That there is an owner: who it is, and the epoch, which is another one after the owner was erased or logged out everywhere.
 * A session of another epoch is none, and whatever is written for an owner requires that the record is as it was read.
 */
export interface OwnerRecord {
  owner: Owner;
  epoch: string;
  sealed: Buffer;
}

export interface OwnerRecords {
  /** The owner's record; made where there is none yet. */
  ensure(slot: string, owner: Owner): Promise<OwnerRecord>;
  open(slot: string, sealed: Buffer | undefined): OwnerRecord | undefined;
  /** Begins another epoch: every session of the owner has ended then. */
  raise(slot: string): Promise<void>;
  guard(slot: string, record: OwnerRecord): Guard;
  /** The owner is still there: the record lives on. */
  touch(slot: string): void;
}

interface Dependencies {
  store: Store;
  vault: Vault;
  /** Milliseconds that a record lives after the owner was last seen: longer than their sessions and connections. */
  lifeMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

const touchEveryMs = 3_600_000;
const maxTouched = 50_000;

export function createOwnerRecords({ store, vault, lifeMs, now }: Dependencies): OwnerRecords {
  const opened = new WeakMap<Buffer, OwnerRecord>();
  const touched = new Map<string, number>();

  const open: OwnerRecords['open'] = (slot, sealed) => {
    if (!sealed) return undefined;
    const known = opened.get(sealed);
    if (known) return known;
    const value = vault.open(ownerKey(slot), sealed)?.value as Omit<OwnerRecord, 'sealed'> | undefined;
    if (!value) return undefined;
    const record = { ...value, sealed };
    opened.set(sealed, record);
    return record;
  };

  const written = (slot: string, owner: Owner) => {
    const key = ownerKey(slot);
    return { key, value: vault.seal(key, { owner, epoch: randomBytes(9).toString('base64url') }), ttlMs: lifeMs };
  };

  return {
    open,
    ensure: async (slot, owner) => {
      for (;;) {
        const key = ownerKey(slot);
        const sealed = await store.get(key);
        const record = open(slot, sealed);
        if (record) return record;
        // One that does not open is none: its sessions have ended with it.
        const before = sealed ? { key, equals: sealed } : { key, exists: false };
        await store.commit([before], [written(slot, owner)]);
      }
    },
    raise: async (slot) => {
      for (;;) {
        const key = ownerKey(slot);
        const sealed = await store.get(key);
        const record = open(slot, sealed);
        if (!sealed || !record) return;
        if (await store.commit([{ key, equals: sealed }], [written(slot, record.owner)])) return;
      }
    },
    guard: (slot, { sealed }) => ({ key: ownerKey(slot), equals: sealed }),
    touch: (slot) => {
      const last = touched.get(slot);
      if (last !== undefined && now() - last < touchEveryMs) return;
      if (touched.size >= maxTouched) touched.clear();
      touched.set(slot, now());
      store.commit([], [{ key: ownerKey(slot), ttlMs: lifeMs }]).catch(() => touched.delete(slot));
    },
  };
}
