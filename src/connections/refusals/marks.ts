import type { Log } from '../../log/log.js';
import { wholeSecond } from '../../oauth/token-set.js';
import type { Store } from '../../store/store.js';
import type { Connection } from '../connection.js';
import type { ConnectionRef } from '../connection-ref.js';
import type { ConnectionStore, StoredConnection } from '../connection-store.js';
import { reauthRequired } from '../refresh/failure.js';
import type { LiveConnection } from '../refresh/refreshed-connection.js';

/** What the record of a connection holds of the API's rejections, for all processes and the status. */
export interface RejectionMarks {
  /** The API rejects the token, and most likely the person has to connect again. The tokens stay, and calls go on. */
  markRejected(ref: ConnectionRef, stored: StoredConnection, connection: Connection): Promise<void>;
  /** The API accepts the token again. */
  removeRejected(ref: ConnectionRef): Promise<void>;
  /** A refresh for a rejection did not help: once for each refresh, so that all processes keep the pause. */
  noteInVain(ref: ConnectionRef, refreshed: LiveConnection): Promise<void>;
  /** A token that cannot be refreshed and is rejected has ended early. Throws GatehouseError reauth_required. */
  endEarly(ref: ConnectionRef, stored: StoredConnection): Promise<never>;
}

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createRejectionMarks({ store, connections, log, now }: Dependencies): RejectionMarks {
  const markRejected: RejectionMarks['markRejected'] = async (ref, stored, connection) => {
    const written = await write(ref, stored, { ...connection, rejected: { at: wholeSecond(now()) } });
    if (written) log.warn('connection.turned_away', { provider: ref.provider.id });
  };

  const removeRejected: RejectionMarks['removeRejected'] = async (ref) => {
    const stored = await connections.read(ref.slot, ref.cell);
    if (!stored?.connection?.rejected) return;
    const { rejected: _over, ...rest } = stored.connection;
    await write(ref, stored, rest);
  };

  const noteInVain: RejectionMarks['noteInVain'] = async (ref, { tokens }) => {
    const stored = await connections.read(ref.slot, ref.cell);
    const connection = stored?.connection;
    const refreshes = connection?.rejectionRefreshes;
    if (!stored || !refreshes || refreshes.isInVain || connection.tokens?.accessToken !== tokens.accessToken) return;
    const noted = { ...refreshes, vain: refreshes.vain + 1, isInVain: true as const };
    await write(ref, stored, { ...connection, rejectionRefreshes: noted });
  };

  const endEarly: RejectionMarks['endEarly'] = async (ref, stored) => {
    const { provider } = ref;
    if (!stored.connection) throw reauthRequired(provider);
    const { tokens: _ended, ...rest } = stored.connection;
    await write(ref, stored, { ...rest, refused: { at: wholeSecond(now()) } });
    log.warn('connection.ended_early', { provider: provider.id });
    throw reauthRequired(provider);
  };

  const write = (ref: ConnectionRef, stored: StoredConnection, connection: Connection): Promise<boolean> => {
    const { key, guards, ttlMs } = ref;
    const value = connections.seal(key, connection);
    return store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]);
  };

  return { markRejected, removeRejected, noteInVain, endEarly };
}
