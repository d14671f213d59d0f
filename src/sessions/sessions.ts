import { connectionKey, sessionKey } from '../store/keys.js';
import type { Guard, Store, Write } from '../store/store.js';
import { newSessionId, type SessionId } from './session-id.js';
import { decodeSession, encodeSession, readStored, secretPrefix, type Session } from './session-record.js';

/** The sessions of browsers: who they are, how long they live, and every step that must not race with a logout. */
export interface Sessions {
  read(id: SessionId): Promise<Session | undefined>;
  /** The session and one of its records in a single question to the store: the way of a proxied call. */
  readWith(id: SessionId, provider: string): Promise<{ session?: Session | undefined; record?: Buffer | undefined }>;
  /** What `readWith` would find, where both records are remembered; otherwise undefined, and nobody was asked. */
  remembered(id: SessionId, provider: string): { session: Session; record: Buffer } | undefined;
  /** The session that lives under this browser id now, whichever its id is, and one of its records: for calls under way. */
  current(browserId: string, provider: string): Promise<{ session?: Session | undefined; record?: Buffer | undefined }>;
  /** Whether any session lives under this browser id. */
  exists(browserId: string): Promise<boolean>;
  /** Whether no session lives under this browser id, or one that got its id less than so many milliseconds ago. */
  isOpen(browserId: string, withinMs: number): Promise<boolean>;
  /** Writes the record again if this id is still the session's; a session that ended meanwhile stays dead. */
  update(id: SessionId, session: Session): Promise<boolean>;
  /** Starts a session under a browser id that has none, together with further writes. False: there is one. */
  create(id: SessionId, session: Session, writes: readonly Write[]): Promise<boolean>;
  /** Rotates the session's id, together with further writes; the old id is dead from then on. False: it was not current. */
  rotate(
    id: SessionId,
    session: Session,
    writes: (next: SessionId) => readonly Write[],
  ): Promise<SessionId | undefined>;
  /** Further writes into the session that lives under this browser id. False: there is none. */
  writeIfLive(browserId: string, writes: readonly Write[], guards?: readonly Guard[]): Promise<boolean>;
  /** Moves the idle limit; seldom asks the store when called often. */
  touch(browserId: string, session: Session): void;
  /** Ends the session and everything that lives with it; `further` are keys of providers that are not offered now. */
  end(browserId: string, further?: readonly string[]): Promise<void>;
  /** Milliseconds that the session's records may live from now. */
  lifetime(session: Session): number;
  /** Seconds. */
  remaining(session: Session): { expiresIn: number; idleExpiresIn: number };
}

interface Options {
  store: Store;
  /** Milliseconds since the epoch. */
  now: () => number;
  idleMs: number;
  maxMs: number;
  /** The keys that live as long as the session of this browser. */
  recordKeys: (browserId: string) => readonly string[];
  /** The keys that end with the session, or sooner by themselves. */
  passingKeys: (browserId: string) => readonly string[];
}

const nothing: readonly undefined[] = [];

export function createSessions({ store, now, idleMs, maxMs, recordKeys, passingKeys }: Options): Sessions {
  const absoluteLeft = ({ createdAt }: Session) => createdAt + maxMs - now();
  const lifetime = (session: Session) => Math.max(1, Math.ceil(Math.min(idleMs, absoluteLeft(session))));
  const live = (id: SessionId, record: Buffer | undefined): Session | undefined => {
    const session = record && decodeSession(id, record);
    return session && absoluteLeft(session) > 0 ? session : undefined;
  };
  const write = (id: SessionId, session: Session): Write => ({
    key: sessionKey(id.browserId),
    value: encodeSession(id, session),
    ttlMs: lifetime(session),
  });
  const touched = new Map<string, number>();
  /** The keys of a session's call, put together once: the same id comes with every call of a browser. */
  const callKeys = new WeakMap<SessionId, Map<string, readonly string[]>>();
  const keysOf = (id: SessionId, provider: string): readonly string[] => {
    let ofSession = callKeys.get(id);
    if (!ofSession) callKeys.set(id, (ofSession = new Map<string, readonly string[]>()));
    let keys = ofSession.get(provider);
    if (!keys) ofSession.set(provider, (keys = [sessionKey(id.browserId), connectionKey(id.browserId, provider)]));
    return keys;
  };
  const touchPause = Math.min(60_000, idleMs / 10);

  return {
    read: async (id) => live(id, await store.get(sessionKey(id.browserId))),

    readWith: async (id, provider) => {
      const [first, record] = await store.recall(keysOf(id, provider));
      const session = live(id, first);
      return { session, record: session && record };
    },

    remembered: (id, provider) => {
      const [first, record] = store.remembered(keysOf(id, provider)) ?? nothing;
      const session = live(id, first);
      return session && record && { session, record };
    },

    current: async (browserId, provider) => {
      const [first, record] = await store.recall([sessionKey(browserId), connectionKey(browserId, provider)]);
      const session = first && readStored(first);
      return session && absoluteLeft(session) > 0 ? { session, record } : {};
    },

    exists: async (browserId) => (await store.get(sessionKey(browserId))) !== undefined,

    isOpen: async (browserId, withinMs) => {
      const key = sessionKey(browserId);
      if (await store.commit([{ key, exists: false }], [])) return true;
      const record = await store.get(key);
      const rotatedAt = record && readStored(record)?.rotatedAt;
      return rotatedAt !== undefined && now() - rotatedAt < withinMs;
    },

    update: (id, session) =>
      store.commit([{ key: sessionKey(id.browserId), startsWith: secretPrefix(id) }], [write(id, session)]),

    create: (id, session, writes) =>
      store.commit([{ key: sessionKey(id.browserId), exists: false }], [write(id, session), ...writes]),

    rotate: async (id, session, writes) => {
      const next = newSessionId(id.browserId);
      const done = await store.commit(
        [{ key: sessionKey(id.browserId), startsWith: secretPrefix(id) }],
        [write(next, session), ...writes(next)],
      );
      return done ? next : undefined;
    },

    writeIfLive: (browserId, writes, guards = []) =>
      store.commit([{ key: sessionKey(browserId), exists: true }, ...guards], writes),

    touch: (browserId, session) => {
      const last = touched.get(browserId);
      if (last !== undefined && now() - last < touchPause) return;
      if (touched.size > 50_000) touched.clear();
      touched.set(browserId, now());
      const ttlMs = lifetime(session);
      const keys = [sessionKey(browserId), ...recordKeys(browserId)];
      store
        .commit(
          [],
          keys.map((key) => ({ key, ttlMs })),
        )
        .catch(() => touched.delete(browserId));
    },

    end: async (browserId, further = []) => {
      touched.delete(browserId);
      const keys = new Set([sessionKey(browserId), ...recordKeys(browserId), ...passingKeys(browserId), ...further]);
      await store.commit(
        [],
        [...keys].map((key): Write => ({ key, delete: true })),
      );
    },

    lifetime,
    remaining: (session) => ({
      expiresIn: Math.max(0, Math.floor(absoluteLeft(session) / 1000)),
      idleExpiresIn: Math.max(0, Math.floor(lifetime(session) / 1000)),
    }),
  };
}
