import { StoreUnavailableError, type Store } from '../store/store.js';
import type { Log } from '../log.js';
import { askApi } from '../oauth/api-request.js';
import type { HttpClient } from '../oauth/http.js';
import { isExpired, isFresh } from '../oauth/token-set.js';
import type { Provider } from '../providers/provider.js';
import type { ApiRequest } from '../providers/schema.js';
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
  http: HttpClient;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createAccess({ store, connections, refresher, http, log, now }: Dependencies): Access {
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
    const { provider } = holder;
    const stored = await connections.read(holder.tag, provider.id);
    const tokens = stored?.connection?.tokens;
    if (!stored?.connection || !tokens || stored.connection.refused) return undefined;
    if (tokens.accessToken !== rejected.tokens.accessToken) return { ...stored.connection, tokens };
    if (provider.api.authProbe && !(await isRefused(provider, provider.api.authProbe, tokens.accessToken)))
      return undefined;
    if (tokens.refreshToken === undefined && provider.grant !== 'client_credentials') {
      if (provider.api.authProbe) await markRefused(holder, stored);
      return undefined;
    }
    const renewed = await refresher.refresh(holder, stored);
    return renewed.tokens.accessToken === rejected.tokens.accessToken ? undefined : renewed;
  };

  /** Where a failure status has another meaning, too, the provider's own test call decides whether the token is at fault. */
  const isRefused = async (provider: Provider, probe: ApiRequest, accessToken: string): Promise<boolean> => {
    try {
      const { status } = await askApi(http, provider, probe, accessToken);
      return provider.api.authFailureStatus.includes(status);
    } catch {
      return false;
    }
  };

  /** A token that cannot be renewed and is refused has ended early: the person has to connect again. */
  const markRefused = async ({ provider, key, guards, ttlMs }: Holder, stored: StoredConnection): Promise<never> => {
    if (!stored.connection) throw reauthRequired(provider);
    const { tokens: _ended, ...rest } = stored.connection;
    const value = connections.seal(key, { ...rest, refused: { at: Math.floor(now() / 1000) } });
    await store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]);
    log.warn('connection.ended_early', { provider: provider.id });
    throw reauthRequired(provider);
  };

  return { usable, afterRejection };
}
