import type { Log } from '../../log/log.js';
import type { Provider } from '../../providers/provider.js';
import type { StoredConnection } from '../connection-store.js';
import { notConnected, reauthRequired } from './failure.js';
import type { LiveConnection } from './refreshed-connection.js';

/** What callers get when the record was ended or replaced during the refresh: what is in force now. */
export function overtakenBy(log: Log, current: StoredConnection | undefined, provider: Provider): LiveConnection {
  log.info('connection.refresh_overtaken', { provider: provider.id });
  if (!current) throw notConnected(provider);
  const { connection } = current;
  if (!connection?.tokens || connection.refused) throw reauthRequired(provider);
  return { ...connection, tokens: connection.tokens };
}
