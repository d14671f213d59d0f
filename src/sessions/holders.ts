import { LRUCache } from 'lru-cache';
import type { Ownership } from '../config/ownership.js';
import type { ConnectionRef } from '../connections/connection-ref.js';
import type { Holder } from '../connections/holder.js';
import { connectionIndexKey, ownerKey, sessionKey } from '../store/keys.js';
import type { Store } from '../store/store.js';
import { ownerSlotPrefix } from './owners/owner-slots.js';
import type { OwnerRecord, OwnerRecords } from './owners/owner-records.js';
import type { Person, Session } from './session-record.js';
import type { Sessions } from './sessions.js';

export type { Holder };

/** Whom the connections belong to that are made and used in a session; or why there is nobody. */
export type Standing = { holder: Holder } | { refusal: 'owner_required' | 'owner_expired' };

export interface Holders {
  /** In a session that stands. */
  standing(browserId: string, session: Session): Promise<Standing>;
  /** The slot of the holder's records, and the keys that a standing is judged by; undefined where there is nobody. */
  slotOf(browserId: string, session: Session): { slot: string; keys: readonly string[] } | undefined;
  /** The same as `standing`, by the values of those keys. Asks nobody. */
  judge(browserId: string, session: Session, values: readonly (Buffer | undefined)[]): Standing;
  /** The holder of what was begun for this person, who may have expired meanwhile; undefined where the epoch is over. */
  ofPerson(person: Person, slot: string): Promise<Holder | undefined>;
  /** The holder that a record of an owner makes. */
  ofOwner(slot: string, record: OwnerRecord): Holder;
  /** Milliseconds until the owner has to be named again. */
  remainingMs(person: Person): number;
  /** Whether that time is over; never of a session that is its own holder. */
  isExpired(session: Session): boolean;
  /** A call, a reconnect or a renewal that somebody asked for keeps a connection from ending unused. */
  used(ref: Pick<ConnectionRef, 'slot' | 'key' | 'ttlMs'>): void;
}

interface Dependencies {
  store: Store;
  sessions: Pick<Sessions, 'lifetime'>;
  owners: OwnerRecords;
  ownership: Ownership | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Milliseconds between two writes of the last use of a connection. */
const touchEveryMs = 3_600_000;

const nobody: Standing = { refusal: 'owner_required' };
const noKeys: readonly string[] = [];

export function createHolders({ store, sessions, owners, ownership, now }: Dependencies): Holders {
  /** The same session is the same object as long as the store remembers its record. */
  const known = new WeakMap<Session, Holder>();
  const knownOwners = new WeakMap<OwnerRecord, Holder>();
  /** By the key of a connection's record, in milliseconds since the epoch. */
  const touched = new LRUCache<string, number>({ max: 50_000 });

  const ofSession = (browserId: string, session: Session): Holder => {
    const before = known.get(session);
    if (before?.slot === browserId) return before;
    const holder: Holder = {
      slot: browserId,
      guards: [{ key: sessionKey(browserId), exists: true }],
      ttlMs: () => sessions.lifetime(session),
      owner: session.owner,
    };
    known.set(session, holder);
    return holder;
  };

  const ofOwner: Holders['ofOwner'] = (slot, record) => {
    const before = knownOwners.get(record);
    if (before) return before;
    const idleMs = ownership?.idleMs ?? 1;
    const guards = [owners.guard(slot, record)];
    const holder: Holder = { slot, guards, rewriteGuards: [], ttlMs: () => idleMs, owner: slot };
    knownOwners.set(record, holder);
    return holder;
  };

  const remainingMs: Holders['remainingMs'] = ({ since }) => since + (ownership?.maxAgeMs ?? 0) - now();

  const slotOf: Holders['slotOf'] = (browserId, { owner, person }) => {
    if (!ownership) return { slot: browserId, keys: noKeys };
    return person && owner !== undefined ? { slot: owner, keys: [ownerKey(owner)] } : undefined;
  };

  const judge: Holders['judge'] = (browserId, session, [sealed]) => {
    if (!ownership) return { holder: ofSession(browserId, session) };
    const { owner: slot, person } = session;
    const record = slot === undefined ? undefined : owners.open(slot, sealed);
    if (slot === undefined || !person || record?.epoch !== person.epoch) return nobody;
    if (remainingMs(person) <= 0) return { refusal: 'owner_expired' };
    return { holder: ofOwner(slot, record) };
  };

  return {
    slotOf,
    judge,
    ofOwner,
    remainingMs,
    isExpired: ({ person }) => ownership !== undefined && person !== undefined && remainingMs(person) <= 0,
    used: ({ slot, key, ttlMs }) => {
      if (!ownership || !slot.startsWith(ownerSlotPrefix)) return;
      const last = touched.get(key);
      if (last !== undefined && now() - last < touchEveryMs) return;
      touched.set(key, now());
      const keys = [key, connectionIndexKey(slot)];
      const writes = keys.map((each) => ({ key: each, ttlMs: ttlMs() }));
      void store.commit([], writes).catch(() => touched.delete(key));
      owners.touch(slot);
    },
    standing: async (browserId, session) => {
      const place = slotOf(browserId, session);
      if (!place) return nobody;
      const values = place.keys.length === 0 ? [] : await store.recall(place.keys);
      return judge(browserId, session, values);
    },
    ofPerson: async ({ epoch }, slot) => {
      const record = owners.open(slot, await store.get(ownerKey(slot)));
      return record?.epoch === epoch ? ofOwner(slot, record) : undefined;
    },
  };
}
