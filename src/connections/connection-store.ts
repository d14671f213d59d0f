import { connectionKey } from '../store/keys.js';
import type { Guard, Store } from '../store/store.js';
import type { Log } from '../log/log.js';
import type { Connection } from './connection.js';
import { fromConnectionRecord, toConnectionRecord, type ConnectionRecord } from './connection-record.js';
import type { Vault } from './vault.js';

/** A connection as it lies in the store. The sealed form never repeats and serves as its version. */
export interface StoredConnection {
  key: string;
  sealed: Buffer;
  /** Absent where the record cannot be opened: damaged, sealed with a key that is no longer listed, or no value at all. */
  connection?: Connection;
  /** Sealed with a key that is listed, but not the first: to be sealed again when there is an occasion. */
  agedKey: boolean;
}

export interface ConnectionStore {
  read(slot: string, provider: string): Promise<StoredConnection | undefined>;
  readAll(slot: string, providers: readonly string[]): Promise<Map<string, StoredConnection>>;
  /** Opens a record that came with another question to the store. */
  open(key: string, sealed: Buffer): StoredConnection;
  /**
   * Of keys under which nothing was found, those that another program put a list or the like under. They read the same, but
   * somebody was connected there: they are damaged records.
   */
  overwritten(keys: readonly string[]): Promise<StoredConnection[]>;
  /** The sealed form; a caller commits it together with what must be true. */
  seal(key: string, connection: Connection): Buffer;
  /** The guard that nobody wrote since. */
  unchanged(stored: StoredConnection): Guard;
}

export function createConnectionStore({
  store,
  vault,
  log,
}: {
  store: Store;
  vault: Vault;
  log: Log;
}): ConnectionStore {
  const remembered = new Map<string, StoredConnection>();
  const complained = new Set<string>();

  const open: ConnectionStore['open'] = (key, sealed) => {
    const known = remembered.get(key);
    if (known !== undefined && (known.sealed === sealed || known.sealed.equals(sealed))) return known;
    const opened = vault.open(key, sealed);
    const stored: StoredConnection = {
      key,
      sealed,
      agedKey: opened?.current === false,
      ...(opened ? { connection: fromConnectionRecord(opened.value as ConnectionRecord) } : {}),
    };
    if (!opened) complain(key);
    if (remembered.size >= 10_000) remembered.clear();
    remembered.set(key, stored);
    return stored;
  };

  /** Once per record: a damaged one is asked for again and again. */
  const complain = (key: string): void => {
    if (complained.has(key)) return;
    if (complained.size >= 10_000) complained.clear();
    complained.add(key);
    log.error('connection.unreadable', { provider: key.slice(key.lastIndexOf(':') + 1) });
  };

  const overwritten: ConnectionStore['overwritten'] = async (keys) => {
    const absent = keys.map((key) => ({ key, exists: false }));
    if (keys.length === 0 || (await store.commit(absent, []))) return [];
    const found: StoredConnection[] = [];
    for (const key of keys) {
      const late = await store.get(key);
      if (late) found.push(open(key, late));
      else if (await store.commit([{ key, exists: true }], [])) {
        complain(key);
        found.push({ key, sealed: Buffer.alloc(0), agedKey: false });
      }
    }
    return found;
  };

  return {
    open,
    overwritten,
    read: async (slot, provider) => {
      const key = connectionKey(slot, provider);
      const sealed = await store.get(key);
      return sealed ? open(key, sealed) : (await overwritten([key]))[0];
    },
    readAll: async (slot, providers) => {
      const keys = providers.map((provider) => connectionKey(slot, provider));
      const records = keys.length > 0 ? await store.getMany(keys) : [];
      const found = keys.flatMap((key, index) => {
        const sealed = records[index];
        return sealed ? [open(key, sealed)] : [];
      });
      const damaged = await overwritten(keys.filter((_, index) => !records[index]));
      const byKey = new Map([...found, ...damaged].map((stored) => [stored.key, stored]));
      return new Map(
        providers.flatMap((provider) => {
          const stored = byKey.get(connectionKey(slot, provider));
          return stored ? [[provider, stored] as const] : [];
        }),
      );
    },
    seal: (key, connection) => vault.seal(key, toConnectionRecord(connection)),
    unchanged: (stored) =>
      isOverwritten(stored) ? { key: stored.key, exists: true } : { key: stored.key, equals: stored.sealed },
  };
}

/** Whether something else than a value lies under its key. */
export function isOverwritten({ sealed }: StoredConnection): boolean {
  return sealed.length === 0;
}
