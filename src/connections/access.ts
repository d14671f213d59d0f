import { setTimeout as wait } from 'node:timers/promises';
import { GatehouseError } from '../errors.js';
import { StoreUnavailableError, type Store } from '../store/store.js';
import type { Log } from '../log.js';
import { askApi } from '../oauth/api-request.js';
import type { HttpClient } from '../oauth/http.js';
import { isExpired, isFresh } from '../oauth/token-set.js';
import type { Provider } from '../providers/provider.js';
import type { ApiRequest } from '../providers/schema.js';
import type { Connection } from './connection.js';
import type { ConnectionStore, StoredConnection } from './connection-store.js';
import type { Holder } from './holder.js';
import { createRejections } from './rejections.js';
import { reauthRequired, notConnected } from './refresh-failure.js';
import type { Refresher } from './refresh.js';
import type { LiveConnection } from './renewed-connection.js';

export interface Access {
  /** The connection, where its token needs no thought: `usable` would answer the same, but later. */
  fresh(stored: StoredConnection): LiveConnection | undefined;
  /**
   * A connection whose token can be used now, renewed first where it is about to end.
   * Throws GatehouseError: not_connected, reauth_required, refresh_unavailable, provider_misconfigured.
   */
  usable(holder: Holder, stored: StoredConnection | undefined): Promise<LiveConnection>;
  /**
   * After the provider's API refused a token: another one to try once, or undefined when there is none, or when the last
   * one that was made for this reason did not help.
   */
  afterRejection(holder: Holder, rejected: LiveConnection): Promise<LiveConnection | undefined>;
  /** The API took the token that `afterRejection` gave. */
  accepted(holder: Holder): void;
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

/** Milliseconds that a call waits for a renewal while its old token still is good. */
const renewalPatience = 2_000;

export function createAccess({ store, connections, refresher, http, log, now }: Dependencies): Access {
  const rejections = createRejections(now);

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

  const afterRejection: Access['afterRejection'] = async (holder, rejected) => {
    const { provider, key } = holder;
    const stored = await connections.read(holder.tag, provider.id);
    const tokens = stored?.connection?.tokens;
    if (!stored?.connection || !tokens || stored.connection.refused) return undefined;
    const { accessToken } = tokens;
    if (accessToken !== rejected.tokens.accessToken) return { ...stored.connection, tokens };
    if (rejections.isInVain(key, accessToken)) return undefined;
    const { authProbe } = provider.api;
    if (authProbe && !(await rejections.ask(key, accessToken, () => isRefused(provider, authProbe, accessToken))))
      return undefined;
    if (tokens.refreshToken === undefined && provider.grant !== 'client_credentials') {
      if (authProbe) await markRefused(holder, stored);
      return undefined;
    }
    try {
      const renewed = await refresher.refresh(holder, stored);
      if (renewed.tokens.accessToken === accessToken) return undefined;
      rejections.replaced(key, renewed.tokens.accessToken);
      return renewed;
    } catch (error) {
      if (saysNothingOfGrant(error)) return undefined;
      throw error;
    }
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

  return { fresh, usable, afterRejection, accepted: ({ key }) => rejections.accepted(key) };
}

function isLive(connection: Connection): connection is LiveConnection {
  return connection.tokens !== undefined;
}

function saysNothingOfGrant(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return true;
  const passing = ['refresh_unavailable', 'provider_misconfigured'];
  return error instanceof GatehouseError && passing.includes(error.code);
}
