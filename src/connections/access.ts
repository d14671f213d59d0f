import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '../store/store.js';
import { isExpired, isFresh } from '../oauth/token-set.js';
import type { Connection } from './connection.js';
import type { ConnectionStore, StoredConnection } from './connection-store.js';
import type { Holder } from './connection-ref.js';
import { notConnected, reauthRequired, saysNothingOfGrant } from './refresh/failure.js';
import type { Refresher } from './refresh/refresher.js';
import type { LiveConnection } from './refresh/refreshed-connection.js';

export interface Access {
  /** The connection, where its token needs no thought: `usable` would answer the same, but later. */
  fresh(stored: StoredConnection): LiveConnection | undefined;
  /**
   * A connection whose token can be used now, renewed first where it is about to end.
   * Throws GatehouseError: not_connected, reauth_required, refresh_unavailable, provider_misconfigured.
   */
  usable(holder: Holder, stored: StoredConnection | undefined): Promise<LiveConnection>;
}

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  refresher: Refresher;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Milliseconds that a call waits for a renewal while its old token still is good. */
const renewalPatience = 2_000;

export function createAccess({ store, connections, refresher, now }: Dependencies): Access {
  const fresh: Access['fresh'] = ({ connection, agedKey }) => {
    if (!connection || agedKey || connection.refused || !isLive(connection)) return undefined;
    return isFresh(connection.tokens, now() / 1000) ? connection : undefined;
  };

  const usable: Access['usable'] = async (holder, stored) => {
    const { provider } = holder;
    const renewable = provider.grant === 'client_credentials';
    if (!stored && !renewable) throw notConnected(provider);
    const connection = stored?.connection;
    if (stored && !connection && !renewable) throw reauthRequired(provider);
    const tokens = connection?.tokens;
    if (connection?.refused) {
      const retry = connection.refused.retryAt !== undefined && now() / 1000 >= connection.refused.retryAt;
      if (!retry || tokens?.refreshToken === undefined) throw reauthRequired(provider);
      return refresher.refresh(holder, stored);
    }
    if (stored && connection && tokens && isFresh(tokens, now() / 1000)) {
      if (stored.agedKey) sealAgain(holder, stored);
      return { ...connection, tokens };
    }
    const old = tokens && !isExpired(tokens, now() / 1000) ? { ...connection, tokens } : undefined;
    if (!renewable && tokens?.refreshToken === undefined) {
      if (!old) throw reauthRequired(provider);
      return old;
    }
    const renewal = refresher.refresh(holder, stored);
    return old ? renewedInTime(renewal, old) : renewal;
  };

  /** The old token serves while it lives, whatever keeps the new one away; only the end of the grant ends it, too. */
  const renewedInTime = async (renewal: Promise<LiveConnection>, old: LiveConnection): Promise<LiveConnection> => {
    const late = new AbortController();
    const inTime = wait(renewalPatience, undefined, { signal: late.signal }).catch(() => undefined);
    try {
      return (await Promise.race([renewal, inTime])) ?? (isExpired(old.tokens, now() / 1000) ? await renewal : old);
    } catch (error) {
      if (!saysNothingOfGrant(error) || isExpired(old.tokens, now() / 1000)) throw error;
      return old;
    } finally {
      late.abort();
      renewal.catch(() => undefined);
    }
  };

  const sealAgain = ({ key, guards, ttlMs }: Holder, stored: StoredConnection): void => {
    if (!stored.connection) return;
    const value = connections.seal(key, stored.connection);
    store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]).catch(() => undefined);
  };

  return { fresh, usable };
}

function isLive(connection: Connection): connection is LiveConnection {
  return connection.tokens !== undefined;
}
