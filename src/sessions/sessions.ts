import { LRUCache } from 'lru-cache';
import type { Configuration } from '../config/configuration.js';
import type { HeldConnections } from '../connections/held-connections.js';
import type { Vault } from '../connections/vault.js';
import { connectionIndexKey, connectionKey, lockKey, sessionKey } from '../store/keys.js';
import type { Guard, Store, Write } from '../store/store.js';
import { cellKeys } from './cell-keys.js';
import { newSessionId, type SessionId } from './session-id.js';
import { createSessionCodec, secretPrefix, type Session } from './session-record.js';

/** The sessions of browsers: who they are, how long they live, and every step that must not race with a logout. */
export interface Sessions {
  read(id: SessionId): Promise<Session | undefined>;
  /** The session and further records of its browser in a single question to the store: the way of a proxied call. */
  readWith(id: SessionId, keys: readonly string[]): Promise<Found>;
  /**
   * What `readWith` would find, where all records are remembered; otherwise undefined, and nobody was asked. `keys` begin
   * with the session's own.
   */
  remembered(id: SessionId, keys: readonly string[]): { session: Session; values: readonly Buffer[] } | undefined;
  /** The session that lives under this browser id now, whichever its id is, with further records: for calls under way. */
  current(browserId: string, keys: readonly string[]): Promise<Found>;
  /** The same, proven and as the store has it now. */
  live(browserId: string): Promise<Session | undefined>;
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
  /** Ends the session and everything that lives with it, in these cells. False: the guard did not hold, and nothing ended. */
  end(browserId: string, cells: readonly string[], guard: Guard): Promise<boolean>;
  /** The session as it lies in the store, proven or not: for operators, who only look at it. */
  look(browserId: string, record: Buffer): Session | undefined;
  /** Milliseconds that the session's records may live from now. */
  lifetime(session: Session): number;
  /** Seconds. */
  remaining(session: Session): { expiresIn: number; idleExpiresIn: number };
}

/** A session, and the values of the keys that were asked for with it. */
export interface Found {
  session?: Session | undefined;
  values: readonly (Buffer | undefined)[];
}

interface Options {
  store: Store;
  vault: Vault;
  held: Pick<HeldConnections, 'cells' | 'rememberedCells'>;
  configuration: Pick<Configuration, 'sessionSecrets' | 'sessionIdleSeconds' | 'sessionMaxSeconds'>;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createSessions({ store, vault, held, configuration, now }: Options): Sessions {
  const idleMs = configuration.sessionIdleSeconds * 1000;
  const maxMs = configuration.sessionMaxSeconds * 1000;
  const codec = createSessionCodec(configuration.sessionSecrets, vault);
  /** The keys that live as long as the session of this browser. */
  const recordKeys = async (browserId: string) => [
    connectionIndexKey(browserId),
    ...(await held.rememberedCells(browserId)).map((cell) => connectionKey(browserId, cell)),
  ];
  /** All that can lie under a browser id but attempts, which are sealed and stand by themselves. */
  const allKeys = async (browserId: string): Promise<string[]> => {
    const cells = await held.cells(browserId);
    return [...cellKeys(browserId, cells), ...cells.map((cell) => lockKey(browserId, cell))];
  };
  const absoluteLeft = ({ createdAt }: Session) => createdAt + maxMs - now();
  const lifetime = (session: Session) => Math.max(1, Math.ceil(Math.min(idleMs, absoluteLeft(session))));
  const live = (id: SessionId, record: Buffer | undefined): Session | undefined => {
    const session = record && codec.decode(id, record);
    return session && absoluteLeft(session) > 0 ? session : undefined;
  };
  const readLive = async (browserId: string): Promise<Session | undefined> => {
    const record = await store.get(sessionKey(browserId));
    return record && codec.readProven(browserId, record);
  };
  const write = (id: SessionId, session: Session): Write => ({
    key: sessionKey(id.browserId),
    value: codec.encode(id, session),
    ttlMs: lifetime(session),
  });
  const isCurrent = (id: SessionId): Guard => ({ key: sessionKey(id.browserId), startsWith: secretPrefix(id) });
  const touched = new LRUCache<string, number>({ max: 50_000 });
  const touchPause = Math.min(60_000, idleMs / 10);

  return {
    read: async (id) => live(id, await store.get(sessionKey(id.browserId))),

    readWith: async (id, keys) => {
      const [first, ...values] = await store.recall([sessionKey(id.browserId), ...keys]);
      const session = live(id, first);
      return session ? { session, values } : { values: [] };
    },

    remembered: (id, keys) => {
      const values = store.remembered(keys);
      const session = values && live(id, values[0]);
      return session && { session, values };
    },

    current: async (browserId, keys) => {
      const [first, ...values] = await store.recall([sessionKey(browserId), ...keys]);
      const session = first && codec.read(browserId, first);
      return session && absoluteLeft(session) > 0 ? { session, values } : { values: [] };
    },

    exists: async (browserId) => (await store.get(sessionKey(browserId))) !== undefined,

    isOpen: async (browserId, owner, withinMs) => {
      const key = sessionKey(browserId);
      if (await store.commit([{ key, exists: false }], [])) return true;
      const record = await store.get(key);
      const session = record && codec.readProven(browserId, record);
      return session !== undefined && session.owner === owner && now() - session.rotatedAt < withinMs;
    },

    live: readLive,

    isLive: async (browserId, owner) => {
      const session = await readLive(browserId);
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
      const prolong = async (): Promise<void> => {
        const keys = [sessionKey(browserId), ...(await recordKeys(browserId))];
        const ttlMs = lifetime(session);
        await store.commit(
          [],
          keys.map((key) => ({ key, ttlMs })),
        );
      };
      prolong().catch(() => touched.delete(browserId));
    },

    end: async (browserId, all, guard) => {
      const keys = [sessionKey(browserId), ...cellKeys(browserId, all)];
      const isEnded = await store.commit(
        [guard],
        keys.map((key): Write => ({ key, delete: true })),
      );
      if (isEnded) touched.delete(browserId);
      return isEnded;
    },

    look: codec.readStored,
    lifetime,
    remaining: (session) => ({
      expiresIn: Math.max(0, Math.floor(absoluteLeft(session) / 1000)),
      idleExpiresIn: Math.max(0, Math.floor(lifetime(session) / 1000)),
    }),
  };
}
