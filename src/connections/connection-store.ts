import { LRUCache } from 'lru-cache';
import type { ProviderRegistry } from '../providers/registry.js';
import { connectionKey } from '../store/keys.js';
import type { Guard, Store } from '../store/store.js';
import type { Log } from '../log/log.js';
import { formerConnectionId, providerOfCell } from './cell.js';
import type { Connection } from './connection.js';
import { fromConnectionRecord, toConnectionRecord, type ConnectionRecord } from './connection-record.js';
import { connectionDifference, type OriginDifference } from './origin.js';
import type { Vault } from './vault.js';

/** A connection as it lies in the store. The sealed form never repeats and serves as its version. */
export interface StoredConnection {
  key: string;
  cell: string;
  id: string;
  sealed: Buffer;
  /**
   * Absent where nothing may be done with the record: it is damaged, sealed with a key that is no longer listed, or no value
   * at all; or it was made elsewhere.
   */
  connection?: Connection;
  /** The provider's configuration leads elsewhere than when this was made: its tokens are sent nowhere. */
  elsewhere?: OriginDifference;
  /** Sealed with a key that is listed, but not the first: to be sealed again when there is an occasion. */
  agedKey: boolean;
}

export interface ConnectionStore {
  read(slot: string, cell: string): Promise<StoredConnection | undefined>;
  /** Those that are there, in the order of the cells. */
  readAll(slot: string, cells: readonly string[]): Promise<StoredConnection[]>;
  /** Opens a record that was read together with others. */
  open(key: string, sealed: Buffer): StoredConnection;
  /**
   * Of keys under which no value was found, those that another program put a list or the like under. They read the same,
   * but they are damaged records of connections.
   */
  overwritten(keys: readonly string[]): Promise<StoredConnection[]>;
  /** The sealed form; a caller commits it together with what must be true. */
  seal(key: string, connection: Connection): Buffer;
  /** The guard that the record is as it was read. */
  unchanged(stored: StoredConnection): Guard;
}

interface Dependencies {
  store: Store;
  vault: Vault;
  /** A provider's configuration does not change while the process lives, so that what is opened once stays judged. */
  registry: Pick<ProviderRegistry, 'get'>;
  log: Log;
}

const maxRemembered = 10_000;

export function createConnectionStore({ store, vault, registry, log }: Dependencies): ConnectionStore {
  const remembered = new LRUCache<string, StoredConnection>({ max: maxRemembered });
  const complained = new LRUCache<string, true>({ max: maxRemembered });

  const open: ConnectionStore['open'] = (key, sealed) => {
    const known = remembered.get(key);
    if (known !== undefined && (known.sealed === sealed || known.sealed.equals(sealed))) return known;
    const stored = { key, cell: cellOf(key), sealed, ...readRecord(key, sealed) };
    remembered.set(key, stored);
    return stored;
  };

  const readRecord = (key: string, sealed: Buffer): Omit<StoredConnection, 'key' | 'cell' | 'sealed'> => {
    const opened = vault.open(key, sealed);
    if (!opened) {
      logUnreadable(key);
      return { id: formerId(key), agedKey: false };
    }
    const record = opened.value as ConnectionRecord;
    const id = record.id ?? formerId(key, record.grantId ?? String(record.connectedAt));
    const connection = fromConnectionRecord({ ...record, id });
    const provider = registry.get(providerIdOf(key));
    const elsewhere = provider && connectionDifference(provider, connection);
    const agedKey = !opened.current;
    if (elsewhere === undefined) return { id, agedKey, connection };
    if (isFirst(key)) log.warn('connection.made_elsewhere', { provider: providerIdOf(key), code: elsewhere });
    return { id, agedKey, elsewhere };
  };

  const logUnreadable = (key: string): void => {
    if (isFirst(key)) log.error('connection.unreadable', { provider: providerIdOf(key) });
  };

  /** A record is read again and again; a line is written once. */
  const isFirst = (key: string): boolean => {
    if (complained.has(key)) return false;
    complained.set(key, true);
    return true;
  };

  const overwritten: ConnectionStore['overwritten'] = async (keys) => {
    const absent = keys.map((key) => ({ key, exists: false }));
    if (keys.length === 0 || (await store.commit(absent, []))) return [];
    const found: StoredConnection[] = [];
    for (const key of keys) {
      const late = await store.get(key);
      if (late) found.push(open(key, late));
      else if (await store.commit([{ key, exists: true }], [])) {
        logUnreadable(key);
        found.push({ key, cell: cellOf(key), id: formerId(key), sealed: Buffer.alloc(0), agedKey: false });
      }
    }
    return found;
  };

  return {
    open,
    overwritten,
    read: async (slot, cell) => {
      const key = connectionKey(slot, cell);
      const sealed = await store.get(key);
      return sealed ? open(key, sealed) : (await overwritten([key]))[0];
    },
    readAll: async (slot, cells) => {
      const keys = cells.map((cell) => connectionKey(slot, cell));
      const records = keys.length > 0 ? await store.getMany(keys) : [];
      const damaged = await overwritten(keys.filter((_, index) => !records[index]));
      return keys.flatMap((key, index) => {
        const sealed = records[index];
        const stored = sealed ? open(key, sealed) : damaged.find((each) => each.key === key);
        return stored ? [stored] : [];
      });
    },
    seal: (key, connection) => vault.seal(key, toConnectionRecord(connection)),
    unchanged: (stored) =>
      isOverwritten(stored) ? { key: stored.key, exists: true } : { key: stored.key, equals: stored.sealed },
  };
}

const connectionKeyPattern = /^gh:\{([^}]*)\}:connection:(.*)$/s;

function cellOf(key: string): string {
  return connectionKeyPattern.exec(key)?.[2] ?? '';
}

function providerIdOf(key: string): string {
  return providerOfCell(cellOf(key));
}

function formerId(key: string, grant?: string): string {
  const [, slot = '', cell = ''] = connectionKeyPattern.exec(key) ?? [];
  return formerConnectionId(slot, cell, grant);
}

/** Whether something else than a value lies under its key. */
export function isOverwritten({ sealed }: StoredConnection): boolean {
  return sealed.length === 0;
}
