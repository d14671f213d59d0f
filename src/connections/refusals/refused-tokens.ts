import type { HttpClient } from '../../http/client.js';
import type { Log } from '../../log/log.js';
import { StoreUnavailableError, type Store } from '../../store/store.js';
import { isSameAccount } from '../connection.js';
import type { ConnectionRef } from '../connection-ref.js';
import type { ConnectionStore, StoredConnection } from '../connection-store.js';
import { saysNothingOfGrant } from '../refresh/failure.js';
import type { LiveConnection } from '../refresh/refreshed-connection.js';
import type { Refresher } from '../refresh/refresher.js';
import { createAcceptances } from './acceptances.js';
import { createRejectionMarks } from './marks.js';
import { nextRefreshAt } from './rejection-refreshes.js';
import { createTestCall } from './test-call.js';

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

export function createRefusedTokens(dependencies: Dependencies): RefusedTokens {
  const { connections, refresher, now } = dependencies;
  const marks = createRejectionMarks(dependencies);
  const isAtFault = createTestCall(dependencies);
  const acceptances = createAcceptances(now);

  const afterRejection: RefusedTokens['afterRejection'] = async (ref, rejected) => {
    const { provider } = ref;
    const stored = await connections.read(ref.slot, ref.cell);
    const tokens = stored?.connection?.tokens;
    if (!stored?.connection || !tokens || stored.connection.refused) return undefined;
    const { accessToken } = tokens;
    if (accessToken !== rejected.tokens.accessToken)
      return isSameAccount(stored.connection, rejected, provider) ? { ...stored.connection, tokens } : undefined;
    if (now() < nextRefreshAt(stored.connection)) {
      await markRejected(ref, stored);
      return undefined;
    }
    const isFault = await isAtFault(ref, accessToken);
    if (isFault === false) return undefined;
    if (tokens.refreshToken === undefined && provider.grant !== 'client_credentials') {
      if (isFault) await marks.endEarly(ref, stored);
      else await markRejected(ref, stored);
      return undefined;
    }
    return refresh(ref, stored, accessToken);
  };

  const refresh = async (
    ref: ConnectionRef,
    stored: StoredConnection,
    rejected: string,
  ): Promise<LiveConnection | undefined> => {
    try {
      const refreshed = await refresher.refresh(ref, stored, { isForRejection: true });
      if (refreshed.tokens.accessToken !== rejected) return refreshed;
      await marks.noteInVain(ref, refreshed);
      return undefined;
    } catch (error) {
      // The API's response stands where the token endpoint keeps another token away, and not where our own store does.
      if (saysNothingOfGrant(error) && !(error instanceof StoreUnavailableError)) return undefined;
      throw error;
    }
  };

  const refusedAgain: RefusedTokens['refusedAgain'] = async (ref, refreshed) => {
    try {
      await marks.noteInVain(ref, refreshed);
      const stored = await connections.read(ref.slot, ref.cell);
      if (stored?.connection?.tokens?.accessToken === refreshed.tokens.accessToken) await markRejected(ref, stored);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  };

  /**
   * The API rejects a token that was refreshed because it rejected the one before: most likely the person has to connect
   * again, and the status says so. It may be one endpoint's oddity. So the provider's test call decides where there is one;
   * elsewhere the second rejection does, if the API accepted a token lately.
   */
  const markRejected = async (ref: ConnectionRef, stored: StoredConnection): Promise<void> => {
    const { connection } = stored;
    if (!connection?.tokens || connection.rejected || ref.provider.grant === 'client_credentials') return;
    const isFault = (await isAtFault(ref, connection.tokens.accessToken)) ?? acceptances.isSecondRejection(ref.key);
    if (isFault) await marks.markRejected(ref, stored, connection);
  };

  const accepted: RefusedTokens['accepted'] = (ref, connection) => {
    acceptances.add(ref.key);
    if (connection.rejected) marks.removeRejected(ref).catch(() => undefined);
  };

  return { afterRejection, refusedAgain, accepted };
}
