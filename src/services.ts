import type { Configuration } from './config/configuration.js';
import type { AccountLimits } from './connections/account-limits.js';
import type { ApplicationAccess } from './connections/application-access.js';
import type { HeldConnections } from './connections/held-connections.js';
import type { Access } from './connections/access.js';
import type { RefusedTokens } from './connections/refusals/refused-tokens.js';
import type { Candidates } from './connections/candidates.js';
import type { ConnectionStore } from './connections/connection-store.js';
import type { Memberships } from './connections/memberships.js';
import type { PendingAuthorizations } from './connections/attempts.js';
import type { Pauses } from './connections/refresh/pause.js';
import type { Refresher } from './connections/refresh/refresher.js';
import type { Revoker } from './connections/revoke.js';
import type { InFlight } from './in-flight.js';
import type { Log } from './log/log.js';
import type { Metrics } from './metrics/metrics.js';
import type { ServerDirectory } from './oauth/discovery.js';
import type { Grants } from './oauth/grants.js';
import type { HttpClient } from './http/client.js';
import type { JsonWebKeys } from './oauth/json-web-keys.js';
import type { ProviderRegistry } from './providers/registry.js';
import type { CallLimit } from './proxy/call-limit.js';
import type { Forwarder } from './proxy/forward.js';
import type { Cookies } from './sessions/cookies.js';
import type { Holders } from './sessions/holders.js';
import type { Nonces } from './sessions/owners/nonces.js';
import type { OwnerRecords } from './sessions/owners/owner-records.js';
import type { OwnerSlots } from './sessions/owners/owner-slots.js';
import type { Sessions } from './sessions/sessions.js';
import type { Store } from './store/store.js';

/** What the endpoints are made of; each takes what it needs. */
export interface Services {
  configuration: Configuration;
  registry: ProviderRegistry;
  store: Store;
  sessions: Sessions;
  holders: Holders;
  owners: OwnerRecords;
  ownerSlots: OwnerSlots;
  nonces: Nonces;
  cookies: Cookies;
  pending: PendingAuthorizations;
  connections: ConnectionStore;
  held: HeldConnections;
  candidates: Candidates;
  pauses: Pauses;
  access: Access;
  applicationAccess: ApplicationAccess;
  refusedTokens: RefusedTokens;
  memberships: Memberships;
  refresher: Refresher;
  revoker: Revoker;
  directory: ServerDirectory;
  grants: Grants;
  keys: JsonWebKeys;
  http: HttpClient;
  /** For calls to the providers' APIs that pages and checks make. */
  apiHttp: HttpClient;
  forwarder: Forwarder;
  callLimit: CallLimit;
  accountLimits: AccountLimits;
  inFlight: InFlight;
  log: Log;
  metrics: Metrics;
  /** Milliseconds since the epoch. */
  now: () => number;
}
