import { setTimeout as wait } from 'node:timers/promises';
import type { Provider } from '../providers/provider.js';
import type { Store } from '../store/store.js';
import { isExpired, isFresh } from '../oauth/token-set.js';
import type { Connection } from './connection.js';
import type { ConnectionStore, StoredConnection } from './connection-store.js';
import type { ConnectionRef } from './connection-ref.js';
import { notConnected, reauthRequired, saysNothingOfGrant } from './refresh/failure.js';
import type { Refresher } from './refresh/refresher.js';
import type { LiveConnection } from './refresh/refreshed-connection.js';

export interface Access {
  /** The connection where its token is fresh: `usable` would resolve to the same, but later. */
  fresh(provider: Provider, stored: StoredConnection): LiveConnection | undefined;
  /**
   * A connection whose token can be used now, refreshed first where it is about to end.
   * Throws GatehouseError: not_connected, reauth_required, refresh_unavailable, provider_misconfigured.
   */
  usable(ref: ConnectionRef, stored: StoredConnection | undefined): Promise<LiveConnection>;
}

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  refresher: Refresher;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Milliseconds that a call waits for a refresh while its old token is still good. */
const refreshWaitMs = 2_000;

export function createAccess({ store, connections, refresher, now }: Dependencies): Access {
  const fresh: Access['fresh'] = (provider, { connection, agedKey }) => {
    if (!connection || agedKey || connection.refused || !isLive(connection)) return undefined;
    return isFresh(connection.tokens, now(), provider) ? connection : undefined;
  };

  const usable: Access['usable'] = async (ref, stored) => {
    const { provider } = ref;
    const refreshable = provider.grant === 'client_credentials';
    if (!stored && !refreshable) throw notConnected(provider);
    const connection = stored?.connection;
    if (stored && !connection && !refreshable) throw reauthRequired(provider);
    const tokens = connection?.tokens;
    if (connection?.refused) {
      const retry = connection.refused.retryAt !== undefined && now() >= connection.refused.retryAt;
      if (!retry || tokens?.refreshToken === undefined)
        throw reauthRequired(provider, undefined, connection.refused.reason);
      return refresher.refresh(ref, stored);
    }
    if (stored && connection && tokens && isFresh(tokens, now(), provider)) {
      if (stored.agedKey) sealAgain(ref, stored);
      return { ...connection, tokens };
    }
    const old = tokens && !isExpired(tokens, now()) ? { ...connection, tokens } : undefined;
    if (!refreshable && tokens?.refreshToken === undefined) {
      if (!old) throw reauthRequired(provider);
      return old;
    }
    const refreshing = refresher.refresh(ref, stored);
    return old ? refreshedInTime(refreshing, old) : refreshing;
  };

  /** The old token is used while it lives, whatever keeps the new one away, unless the grant has ended. */
  const refreshedInTime = async (refreshing: Promise<LiveConnection>, old: LiveConnection): Promise<LiveConnection> => {
    const late = new AbortController();
    const inTime = wait(refreshWaitMs, undefined, { signal: late.signal }).catch(() => undefined);
    try {
      return (await Promise.race([refreshing, inTime])) ?? (isExpired(old.tokens, now()) ? await refreshing : old);
    } catch (error) {
      if (!saysNothingOfGrant(error) || isExpired(old.tokens, now())) throw error;
      return old;
    } finally {
      late.abort();
      refreshing.catch(() => undefined);
    }
  };

  const sealAgain = ({ key, guards, ttlMs }: ConnectionRef, stored: StoredConnection): void => {
    if (!stored.connection) return;
    const value = connections.seal(key, stored.connection);
    store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]).catch(() => undefined);
  };

  return { fresh, usable };
}

function isLive(connection: Connection): connection is LiveConnection {
  return connection.tokens !== undefined;
}
