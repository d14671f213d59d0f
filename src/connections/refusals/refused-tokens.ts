import { LRUCache } from 'lru-cache';
import type { HttpClient } from '../../http/client.js';
import type { Log } from '../../log/log.js';
import { askApi } from '../../oauth/api-request.js';
import { wholeSecond } from '../../oauth/token-set.js';
import type { Provider } from '../../providers/provider.js';
import type { ApiRequest } from '../../providers/schema.js';
import { StoreUnavailableError, type Store } from '../../store/store.js';
import { isSameAccount, type Connection } from '../connection.js';
import type { ConnectionRef } from '../connection-ref.js';
import type { ConnectionStore, StoredConnection } from '../connection-store.js';
import { reauthRequired, saysNothingOfGrant } from '../refresh/failure.js';
import type { LiveConnection } from '../refresh/refreshed-connection.js';
import type { Refresher } from '../refresh/refresher.js';
import { createAskOnce } from './ask-once.js';
import { nextRefreshAt } from './rejection-refreshes.js';

/** What follows when a provider's API rejects a token that had not expired: docs/decisions/0010. */
export interface RefusedTokens {
  /**
   * After the API rejected a token: another one of the same account to try once, or undefined when there is none, or when
   * refreshes for this reason have come too close. Throws GatehouseError reauth_required, and StoreUnavailableError where
   * the store is what keeps another token away.
   */
  afterRejection(ref: ConnectionRef, rejected: LiveConnection): Promise<LiveConnection | undefined>;
  /** The API rejected the token, too, that `afterRejection` gave. Resolves when that is written down. */
  refusedAgain(ref: ConnectionRef, refreshed: LiveConnection): Promise<void>;
  /** The API accepted the connection's token. */
  accepted(ref: ConnectionRef, connection: LiveConnection): void;
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

/** Milliseconds for which an accepted token speaks for the connection. */
const acceptanceLifeMs = 60_000;

export function createRefusedTokens({ store, connections, refresher, http, log, now }: Dependencies): RefusedTokens {
  const askOnce = createAskOnce(now);
  /** When the API last accepted a token of a connection, and whether it rejected one since that was new. */
  const acceptances = new LRUCache<string, { at: number; doubted: boolean }>({ max: 10_000 });

  const afterRejection: RefusedTokens['afterRejection'] = async (ref, rejected) => {
    const { provider, key } = ref;
    const stored = await connections.read(ref.slot, provider.id);
    const tokens = stored?.connection?.tokens;
    if (!stored?.connection || !tokens || stored.connection.refused) return undefined;
    const { accessToken } = tokens;
    if (accessToken !== rejected.tokens.accessToken)
      return isSameAccount(stored.connection, rejected) ? { ...stored.connection, tokens } : undefined;
    if (now() < nextRefreshAt(stored.connection)) {
      await markRejected(ref, stored);
      return undefined;
    }
    const { authProbe } = provider.api;
    if (authProbe && !(await askOnce(key, accessToken, () => isRefused(provider, authProbe, accessToken))))
      return undefined;
    if (tokens.refreshToken === undefined && provider.grant !== 'client_credentials') {
      if (authProbe) await markRefused(ref, stored);
      else await markRejected(ref, stored);
      return undefined;
    }
    try {
      const refreshed = await refresher.refresh(ref, stored, { isForRejection: true });
      if (refreshed.tokens.accessToken !== accessToken) return refreshed;
      await noteInVain(ref, refreshed);
      return undefined;
    } catch (error) {
      // The API's response stands where the token endpoint keeps another token away, and not where our own store does.
      if (saysNothingOfGrant(error) && !(error instanceof StoreUnavailableError)) return undefined;
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

  const refusedAgain: RefusedTokens['refusedAgain'] = async (ref, refreshed) => {
    try {
      await noteInVain(ref, refreshed);
      const stored = await connections.read(ref.slot, ref.provider.id);
      if (stored?.connection?.tokens?.accessToken === refreshed.tokens.accessToken) await markRejected(ref, stored);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  };

  /**
   * The API rejects a token that was refreshed because it rejected the one before: most likely the person has to connect
   * again, and the status says so. It may be one endpoint's oddity. So the provider's test call decides where there is one;
   * elsewhere the second rejection does, if the API accepted a token lately. The tokens stay, and calls go on.
   */
  const markRejected = async (ref: ConnectionRef, stored: StoredConnection): Promise<void> => {
    const { provider, key } = ref;
    const { connection } = stored;
    if (!connection?.tokens || connection.rejected || provider.grant === 'client_credentials') return;
    const { authProbe } = provider.api;
    const { accessToken } = connection.tokens;
    const isAtFault = authProbe
      ? await askOnce(key, accessToken, () => isRefused(provider, authProbe, accessToken))
      : isSecondRejection(key);
    if (!isAtFault) return;
    const written = await write(ref, stored, { ...connection, rejected: { at: wholeSecond(now()) } });
    if (written) log.warn('connection.turned_away', { provider: provider.id });
  };

  const isSecondRejection = (key: string): boolean => {
    const acceptance = acceptances.get(key);
    if (!acceptance || acceptance.doubted || now() - acceptance.at >= acceptanceLifeMs) return true;
    acceptance.doubted = true;
    return false;
  };

  const accepted: RefusedTokens['accepted'] = ({ key, ...ref }, connection) => {
    const known = acceptances.get(key);
    if (!known) acceptances.set(key, { at: now(), doubted: false });
    else {
      known.at = now();
      known.doubted = false;
    }
    if (connection.rejected) removeMark({ key, ...ref }).catch(() => undefined);
  };

  const removeMark = async (ref: ConnectionRef): Promise<void> => {
    const stored = await connections.read(ref.slot, ref.provider.id);
    if (!stored?.connection?.rejected) return;
    const { rejected: _over, ...rest } = stored.connection;
    await write(ref, stored, rest);
  };

  /** Once for each refresh, in the record, so that all processes keep the pause. */
  const noteInVain = async (ref: ConnectionRef, { tokens }: LiveConnection): Promise<void> => {
    const stored = await connections.read(ref.slot, ref.provider.id);
    const connection = stored?.connection;
    const refreshes = connection?.rejectionRefreshes;
    if (!stored || !refreshes || refreshes.isInVain || connection.tokens?.accessToken !== tokens.accessToken) return;
    const noted = { ...refreshes, vain: refreshes.vain + 1, isInVain: true as const };
    await write(ref, stored, { ...connection, rejectionRefreshes: noted });
  };

  /** A token that cannot be refreshed and is rejected has ended early: the person has to connect again. */
  const markRefused = async (ref: ConnectionRef, stored: StoredConnection): Promise<never> => {
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

  return { afterRejection, refusedAgain, accepted };
}
