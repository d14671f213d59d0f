import type { Vault } from '../../connections/vault.js';
import { sessionIndexKey } from '../../store/keys.js';
import type { Store } from '../../store/store.js';

/**
 * Which sessions belong to an owner, or were signed in in one session at a provider: so that all of them can be ended. A session
 * is listed before it is written, and whoever writes it asks afterwards whether the list was closed meanwhile. A session that is
 * listed may have ended, or have another owner by now: who reads the list looks at the session, too.
 */
export interface SessionIndex {
  /** Lists a session. False: the list was closed a moment ago, and the session must not begin. */
  add(slot: string, browserId: string): Promise<boolean>;
  isClosed(slot: string): Promise<boolean>;
  /** Browser ids. */
  read(slot: string): Promise<readonly string[]>;
  /** The same; for as long as a sign-in may be under way, no session joins the list. */
  close(slot: string): Promise<readonly string[]>;
}

interface Dependencies {
  store: Store;
  vault: Vault;
  /** Milliseconds that a list lives: longer than any session in it. */
  lifeMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Milliseconds that a list stays closed: longer than any attempt lives. */
const closedMs = 1_200_000;
/** Sessions of one list at most; the oldest leave it. */
const maxListed = 500;

interface SessionList {
  browsers: readonly string[];
  /** Milliseconds since the epoch. */
  closedAt?: number;
}

export function createSessionIndex({ store, vault, lifeMs, now }: Dependencies): SessionIndex {
  const open = (key: string, sealed: Buffer | undefined): SessionList =>
    ((sealed && vault.open(key, sealed)?.value) as SessionList | undefined) ?? { browsers: [] };

  const isClosed = ({ closedAt }: SessionList): boolean => closedAt !== undefined && now() - closedAt < closedMs;

  /** Writes what `change` makes of the list; undefined where that is nothing. */
  const change = async (
    slot: string,
    next: (list: SessionList) => SessionList | undefined,
  ): Promise<SessionList | undefined> => {
    const key = sessionIndexKey(slot);
    for (;;) {
      const sealed = await store.get(key);
      const changed = next(open(key, sealed));
      if (!changed) return undefined;
      const before = sealed ? { key, equals: sealed } : { key, exists: false };
      if (await store.commit([before], [{ key, value: vault.seal(key, changed), ttlMs: lifeMs }])) return changed;
    }
  };

  const read = async (slot: string): Promise<SessionList> => {
    const key = sessionIndexKey(slot);
    return open(key, await store.get(key));
  };

  return {
    add: async (slot, browserId) => {
      const added = await change(slot, (list) => {
        if (isClosed(list)) return undefined;
        const others = list.browsers.filter((other) => other !== browserId);
        return { browsers: [...others, browserId].slice(-maxListed) };
      });
      return added !== undefined;
    },
    isClosed: async (slot) => isClosed(await read(slot)),
    read: async (slot) => (await read(slot)).browsers,
    close: async (slot) => {
      const closed = await change(slot, ({ browsers }) => ({ browsers, closedAt: now() }));
      return closed?.browsers ?? [];
    },
  };
}
