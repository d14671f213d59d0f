import type { HttpClient } from '../../http/client.js';
import type { Log } from '../../log/log.js';
import type { ServerDirectory } from '../../oauth/discovery.js';
import type { Grants } from '../../oauth/grants.js';
import type { Store, StoreUnavailableError } from '../../store/store.js';
import type { ConnectionStore, StoredConnection } from '../connection-store.js';
import type { ConnectionRef } from '../connection-ref.js';
import type { ConnectionOrigin } from '../origin.js';
import type { Revoker } from '../revoke.js';
import type { Vault } from '../vault.js';
import type { Lock } from './lock.js';
import type { Pause, Pauses } from './pause.js';

/** What every step of a refresh works with. */
export interface RefreshDependencies {
  store: Store;
  vault: Vault;
  connections: ConnectionStore;
  directory: ServerDirectory;
  grants: Grants;
  /** For the requests of variables that are asked for at each renewal. */
  http: HttpClient;
  revoker: Revoker;
  pauses: Pauses;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
}

/** What is asked for: the connection, and the record that was found wanting. */
export interface WantedRefresh {
  ref: ConnectionRef;
  seen: StoredConnection | undefined;
  /** The API rejected the token: such refreshes are counted in the record. */
  isForRejection: boolean;
  /** Called when the store does not take the new tokens, which are kept in memory meanwhile. */
  onStoreTrouble: (error: StoreUnavailableError) => void;
  /** Called with the end of the wait for a response that callers do not wait for any longer. */
  onLateResponse: (taken: Promise<void>) => void;
}

/** One refresh of one connection, from the moment that its lock is held and its record was read again. */
export interface RefreshAttempt extends WantedRefresh {
  lock: Lock;
  /** The record whose tokens are refreshed. */
  stored: StoredConnection | undefined;
  /** The pause that an earlier failure left, over by now. */
  pause: Pause | undefined;
  /** Where the request goes. */
  origin?: ConnectionOrigin;
  /** Milliseconds since the epoch. */
  sentAt: number;
  /** A late response is waited for, which releases the lock in its own time. */
  keepsLock: boolean;
}
