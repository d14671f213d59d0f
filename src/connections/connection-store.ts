import { connectionKey } from '../store/keys.js';
import type { Guard, Store } from '../store/store.js';
import type { Log } from '../log.js';
import type { Connection } from './connection.js';
import type { Vault } from './vault.js';

/** A connection as it lies in the store. The sealed form never repeats and serves as its version. */
export interface StoredConnection {
  key: string;
  sealed: Buffer;
  /** Absent where the record cannot be opened: damaged, or sealed with a key that is no longer listed. */
  connection?: Connection;
  /** Sealed with a key that is listed, but not the first: to be sealed again when there is an occasion. */
  agedKey: boolean;
}

export interface ConnectionStore {
  read(tag: string, provider: string): Promise<StoredConnection | undefined>;
  readAll(tag: string, providers: readonly string[]): Promise<Map<string, StoredConnection>>;
  /** Opens a record that came with another question to the store. */
  open(key: string, sealed: Buffer): StoredConnection;
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
      ...(opened ? { connection: opened.value as Connection } : {}),
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

  return {
    open,
    read: async (tag, provider) => {
      const key = connectionKey(tag, provider);
      const sealed = await store.get(key);
      return sealed && open(key, sealed);
    },
    readAll: async (tag, providers) => {
      const keys = providers.map((provider) => connectionKey(tag, provider));
      const records = keys.length > 0 ? await store.getMany(keys) : [];
      return new Map(
        providers.flatMap((provider, index) => {
          const [key, sealed] = [keys[index], records[index]];
          return key !== undefined && sealed ? [[provider, open(key, sealed)] as const] : [];
        }),
      );
    },
    seal: vault.seal,
    unchanged: ({ key, sealed }) => ({ key, equals: sealed }),
  };
}
