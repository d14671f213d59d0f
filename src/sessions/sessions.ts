import { LRUCache } from 'lru-cache';
import type { Configuration } from '../config/configuration.js';
import type { ProviderRegistry } from '../providers/registry.js';
import type { KnownProviders } from '../connections/known-providers.js';
import { candidateKey, connectionKey, lockKey, pauseKey, providersKey, sentKey, sessionKey } from '../store/keys.js';
import type { Guard, Store, Write } from '../store/store.js';
import { newSessionId, type SessionId } from './session-id.js';
import { createSessionCodec, secretPrefix, type Session } from './session-record.js';

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
  /** Whether no session lives under this browser id, or one of this owner that got its id less than so many milliseconds ago. */
  isOpen(browserId: string, owner: string | undefined, withinMs: number): Promise<boolean>;
  /** Whether a session of this owner lives under this browser id. */
  isLive(browserId: string, owner: string | undefined): Promise<boolean>;
  /** Writes the record again if this id is still the session's; a session that ended meanwhile stays dead. */
  update(id: SessionId, session: Session): Promise<boolean>;
  /**
   * Starts a session under a browser id that has none, together with further writes. It begins empty: every record of the
   * browser id that is not written with it is deleted. False: there is a session, or a guard did not hold.
   */
  create(id: SessionId, session: Session, writes?: readonly Write[], guards?: readonly Guard[]): Promise<boolean>;
  /**
   * Rotates the session's id, together with further writes; the old id is dead from then on. Undefined: it was not
   * current, or a guard did not hold.
   */
  rotate(
    id: SessionId,
    session: Session,
    writes?: (next: SessionId) => readonly Write[],
    guards?: readonly Guard[],
  ): Promise<SessionId | undefined>;
  /** Further writes into the session that lives under this browser id. False: there is none of this owner, or a guard did not hold. */
  writeIfLive(
    browserId: string,
    owner: string | undefined,
    writes: readonly Write[],
    guards: readonly Guard[],
  ): Promise<boolean>;
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
  registry: ProviderRegistry;
  knownProviders: Pick<KnownProviders, 'ids'>;
  configuration: Pick<Configuration, 'sessionSecrets' | 'sessionIdleSeconds' | 'sessionMaxSeconds'>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

const nothing: readonly undefined[] = [];

export function createSessions({ store, registry, knownProviders, configuration, now }: Options): Sessions {
  const idleMs = configuration.sessionIdleSeconds * 1000;
  const maxMs = configuration.sessionMaxSeconds * 1000;
  const codec = createSessionCodec(configuration.sessionSecrets);
  /** The keys that live as long as the session of this browser. */
  const recordKeys = (browserId: string) => [
    providersKey(browserId),
    ...registry.all().map(({ id }) => connectionKey(browserId, id)),
  ];
  /** The keys that end with the session, or sooner by themselves. */
  const passingKeys = (browserId: string) =>
    registry.all().flatMap(({ id }) => [candidateKey, pauseKey, sentKey].map((key) => key(browserId, id)));
  /** All that can lie under a browser id but attempts, which are sealed and stand by themselves. */
  const allKeys = async (browserId: string): Promise<string[]> => {
    const ids = await knownProviders.ids(browserId);
    const kinds = [connectionKey, candidateKey, pauseKey, sentKey, lockKey];
    return [providersKey(browserId), ...ids.flatMap((id) => kinds.map((key) => key(browserId, id)))];
  };
  const absoluteLeft = ({ createdAt }: Session) => createdAt + maxMs - now();
  const lifetime = (session: Session) => Math.max(1, Math.ceil(Math.min(idleMs, absoluteLeft(session))));
  const live = (id: SessionId, record: Buffer | undefined): Session | undefined => {
    const session = record && codec.decode(id, record);
    return session && absoluteLeft(session) > 0 ? session : undefined;
  };
  const write = (id: SessionId, session: Session): Write => ({
    key: sessionKey(id.browserId),
    value: codec.encode(id, session),
    ttlMs: lifetime(session),
  });
  const isCurrent = (id: SessionId): Guard => ({ key: sessionKey(id.browserId), startsWith: secretPrefix(id) });
  const touched = new LRUCache<string, number>({ max: 50_000 });
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
      const session = first && codec.read(browserId, first);
      return session && absoluteLeft(session) > 0 ? { session, record } : {};
    },

    exists: async (browserId) => (await store.get(sessionKey(browserId))) !== undefined,

    isOpen: async (browserId, owner, withinMs) => {
      const key = sessionKey(browserId);
      if (await store.commit([{ key, exists: false }], [])) return true;
      const record = await store.get(key);
      const session = record && codec.readProven(browserId, record);
      return session !== undefined && session.owner === owner && now() - session.rotatedAt < withinMs;
    },

    isLive: async (browserId, owner) => {
      const record = await store.get(sessionKey(browserId));
      const session = record && codec.readProven(browserId, record);
      return session !== undefined && session.owner === owner;
    },

    update: (id, session) => store.commit([isCurrent(id)], [write(id, session)]),

    create: async (id, session, writes = [], guards = []) => {
      const { browserId } = id;
      const written = new Set(writes.map(({ key }) => key));
      const rest = (await allKeys(browserId))
        .filter((key) => !written.has(key))
        .map((key): Write => ({ key, delete: true }));
      const vacant = { key: sessionKey(browserId), exists: false };
      return store.commit([vacant, ...guards], [write(id, session), ...writes, ...rest]);
    },

    rotate: async (id, session, writes = () => [], guards = []) => {
      const next = newSessionId(id.browserId);
      const done = await store.commit([isCurrent(id), ...guards], [write(next, session), ...writes(next)]);
      return done ? next : undefined;
    },

    writeIfLive: async (browserId, owner, writes, guards) => {
      const key = sessionKey(browserId);
      // Another tab may rotate the id in between.
      for (let tries = 0; tries < 5; tries += 1) {
        const record = await store.get(key);
        const session = record && codec.read(browserId, record);
        if (!session || session.owner !== owner) return false;
        if (await store.commit([{ key, equals: record }, ...guards], writes)) return true;
        if (!(await store.commit(guards, []))) return false;
      }
      return false;
    },

    touch: (browserId, session) => {
      const last = touched.get(browserId);
      if (last !== undefined && now() - last < touchPause) return;
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
