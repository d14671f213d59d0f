import type { Log } from '../../log/log.js';
import { askApi } from '../../oauth/api-request.js';
import { wholeSecond } from '../../oauth/token-set.js';
import type { HttpClient } from '../../http/client.js';
import type { Provider } from '../../providers/provider.js';
import type { ApiRequest } from '../../providers/schema.js';
import { StoreUnavailableError, type Store } from '../../store/store.js';
import { isSameAccount } from '../connection.js';
import type { ConnectionStore, StoredConnection } from '../connection-store.js';
import type { ConnectionRef } from '../connection-ref.js';
import { reauthRequired, saysNothingOfGrant } from '../refresh/failure.js';
import type { Refresher } from '../refresh/refresher.js';
import { createRejections } from './rejections.js';
import type { LiveConnection } from '../refresh/refreshed-connection.js';

/** What follows when a provider's API refuses a token that had not expired: docs/decisions/0010. */
export interface RefusedTokens {
  /**
   * After the provider's API refused a token: another one of the same account to try once, or undefined when there is none, or
   * when the last one that was made for this reason did not help. `isWanted`: whether somebody still waits to try it. Throws GatehouseError reauth_required, and StoreUnavailableError where
   * the store is what keeps another token away.
   */
  afterRejection(
    ref: ConnectionRef,
    rejected: LiveConnection,
    isWanted?: () => boolean,
  ): Promise<LiveConnection | undefined>;
  /** The API refused the token, too, that `afterRejection` gave. Resolves when that is written down. */
  refusedAgain(ref: ConnectionRef, refreshed: LiveConnection): Promise<void>;
  /** The API took the connection's token. */
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

/** Milliseconds after which a connection whose new token was refused is given another one, if calls are still refused. */
const coolDownMs = 60_000;

export function createRefusedTokens({ store, connections, refresher, http, log, now }: Dependencies): RefusedTokens {
  const rejections = createRejections(now);

  const afterRejection: RefusedTokens['afterRejection'] = async (ref, rejected, isWanted = () => true) => {
    const { provider, key } = ref;
    const stored = await connections.read(ref.slot, provider.id);
    const tokens = stored?.connection?.tokens;
    if (!stored?.connection || !tokens || stored.connection.refused) return undefined;
    const { accessToken } = tokens;
    if (accessToken !== rejected.tokens.accessToken)
      return isSameAccount(stored.connection, rejected) ? { ...stored.connection, tokens } : undefined;
    const { rejected: marked } = stored.connection;
    if (rejections.isInVain(key, accessToken) || (marked && now() < marked.at + coolDownMs)) {
      await markRejected(ref, stored);
      return undefined;
    }
    const { authProbe } = provider.api;
    if (authProbe && !(await rejections.ask(key, accessToken, () => isRefused(provider, authProbe, accessToken))))
      return undefined;
    if (tokens.refreshToken === undefined && provider.grant !== 'client_credentials') {
      if (authProbe) await markRefused(ref, stored);
      else await markRejected(ref, stored);
      return undefined;
    }
    try {
      const refreshed = await refresher.refresh(ref, stored);
      // Of a token that nobody tries it is not known whether the API takes it.
      if (isWanted()) rejections.replaced(key, refreshed.tokens.accessToken);
      return refreshed.tokens.accessToken === accessToken ? undefined : refreshed;
    } catch (error) {
      // The API's word stands where the token endpoint keeps another token away, and not where our own store does.
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
      const stored = await connections.read(ref.slot, ref.provider.id);
      if (stored?.connection?.tokens?.accessToken === refreshed.tokens.accessToken) await markRejected(ref, stored);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  };

  /**
   * A token that was renewed because the API refused the one before is refused as well: the person has probably to connect
   * again, and is told so. It may be one endpoint's oddity, so that the provider's test call is asked where there is one, the
   * tokens stay, and calls go on: docs/decisions/0010.
   */
  const markRejected = async (
    { provider, key, guards, ttlMs }: ConnectionRef,
    stored: StoredConnection,
  ): Promise<void> => {
    const { connection } = stored;
    if (!connection?.tokens || connection.rejected || provider.grant === 'client_credentials') return;
    const { authProbe } = provider.api;
    const { accessToken } = connection.tokens;
    const guilty = authProbe
      ? await rejections.ask(key, accessToken, () => isRefused(provider, authProbe, accessToken))
      : rejections.isConclusive(key);
    if (!guilty) return;
    const value = connections.seal(key, { ...connection, rejected: { at: wholeSecond(now()) } });
    const written = await store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]);
    if (written) log.warn('connection.turned_away', { provider: provider.id });
  };

  const accepted: RefusedTokens['accepted'] = (ref, connection) => {
    rejections.accepted(ref.key);
    if (connection.rejected) takeBack(ref).catch(() => undefined);
  };

  const takeBack = async ({ slot, provider, key, guards, ttlMs }: ConnectionRef): Promise<void> => {
    const stored = await connections.read(slot, provider.id);
    if (!stored?.connection?.rejected) return;
    const { rejected: _over, ...rest } = stored.connection;
    const value = connections.seal(key, rest);
    await store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]);
  };

  /** A token that cannot be renewed and is refused has ended early: the person has to connect again. */
  const markRefused = async (
    { provider, key, guards, ttlMs }: ConnectionRef,
    stored: StoredConnection,
  ): Promise<never> => {
    if (!stored.connection) throw reauthRequired(provider);
    const { tokens: _ended, ...rest } = stored.connection;
    const value = connections.seal(key, { ...rest, refused: { at: wholeSecond(now()) } });
    await store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]);
    log.warn('connection.ended_early', { provider: provider.id });
    throw reauthRequired(provider);
  };

  return { afterRejection, refusedAgain, accepted };
}
