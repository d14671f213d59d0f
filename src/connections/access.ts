import { StoreUnavailableError, type Store } from '../store/store.js';
import { isExpired, isFresh } from '../oauth/token-set.js';
import type { ConnectionStore, StoredConnection } from './connection-store.js';
import type { Holder } from './holder.js';
import { reauthRequired, notConnected } from './refresh-failure.js';
import type { LiveConnection, Refresher } from './refresh.js';

export interface Access {
  /**
   * A connection whose token can be used now, renewed first where it is about to end.
   * Throws GatehouseError: not_connected, reauth_required, refresh_unavailable, provider_misconfigured.
   */
  usable(holder: Holder, stored: StoredConnection | undefined): Promise<LiveConnection>;
  /** After the provider's API refused a token: another one to try once, or undefined when there is none. */
  afterRejection(holder: Holder, rejected: LiveConnection): Promise<LiveConnection | undefined>;
}

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  refresher: Refresher;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createAccess({ store, connections, refresher, now }: Dependencies): Access {
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
    const dead = connection === undefined || tokens === undefined || isExpired(tokens, now() / 1000);
    if (!renewable && tokens?.refreshToken === undefined) {
      if (dead) throw reauthRequired(provider);
      return { ...connection, tokens };
    }
    try {
      return await refresher.refresh(holder, stored);
    } catch (error) {
      // A store that takes no writes is no reason to refuse a token that still is good.
      if (dead || !(error instanceof StoreUnavailableError)) throw error;
      return { ...connection, tokens };
    }
  };

  const sealAgain = ({ key, guards, ttlMs }: Holder, stored: StoredConnection): void => {
    if (!stored.connection) return;
    const value = connections.seal(key, stored.connection);
    store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]).catch(() => undefined);
  };

  const afterRejection: Access['afterRejection'] = async (holder, rejected) => {
    const stored = await connections.read(holder.tag, holder.provider.id);
    const tokens = stored?.connection?.tokens;
    if (!stored?.connection || !tokens || stored.connection.refused) return undefined;
    if (tokens.accessToken !== rejected.tokens.accessToken) return { ...stored.connection, tokens };
    if (tokens.refreshToken === undefined && holder.provider.grant !== 'client_credentials') return undefined;
    const renewed = await refresher.refresh(holder, stored);
    return renewed.tokens.accessToken === rejected.tokens.accessToken ? undefined : renewed;
  };

  return { usable, afterRejection };
}
