import type { Configuration } from './config/configuration.js';
import { createCandidates } from './connections/candidates.js';
import { createConnectionStore } from './connections/connection-store.js';
import { createConnectionIndexes } from './connections/connection-index.js';
import { createHeldConnections } from './connections/held-connections.js';
import { createPauses } from './connections/refresh/pause.js';
import { createRevoker } from './connections/revoke.js';
import { createVault } from './connections/vault.js';
import type { HttpClient } from './http/client.js';
import type { Log } from './log/log.js';
import { createServerDirectory } from './oauth/discovery.js';
import type { Grants } from './oauth/grants.js';
import type { Definitions } from './providers/definition.js';
import type { ProviderRegistry } from './providers/registry.js';
import { createHolders } from './sessions/holders.js';
import { createOwnerRecords } from './sessions/owners/owner-records.js';
import { createOwnerSlots } from './sessions/owners/owner-slots.js';
import { createSessionIndex } from './sessions/owners/session-index.js';
import { createSignedInSessions } from './sessions/owners/signed-in-sessions.js';
import { createSessions } from './sessions/sessions.js';
import type { Store } from './store/store.js';

interface Parts {
  configuration: Configuration;
  definitions: Definitions;
  registry: ProviderRegistry;
  store: Store;
  http: HttpClient;
  grants: Grants;
  log: Log;
  now: () => number;
}

/** Sessions and connections as they are stored, and what ends them: the same for the server and for an operator's commands. */
export function createRecords(parts: Parts) {
  const { configuration, definitions, registry, store, http, grants, log, now } = parts;
  const { encryptionKeys, redis, production } = configuration;
  const vault = createVault(encryptionKeys, redis?.prefix);
  const directory = createServerDirectory({ http, log, production, now });
  const connections = createConnectionStore({ store, vault, registry, log });
  const held = createHeldConnections({
    store,
    connections,
    indexes: createConnectionIndexes({ store, vault }),
    offered: () => registry.all().map(({ id }) => id),
    described: [...definitions.keys()],
  });
  const sessions = createSessions({ store, vault, held, configuration, now });
  const { ownership, sessionMaxSeconds } = configuration;
  const ownerLifeMs = Math.max(ownership?.idleMs ?? 0, sessionMaxSeconds * 1000) + 30 * 86_400_000;
  const owners = createOwnerRecords({ store, vault, lifeMs: ownerLifeMs, now });
  const ownerSlots = createOwnerSlots({ store, vault, now });
  const index = createSessionIndex({ store, vault, lifeMs: sessionMaxSeconds * 1000, now });
  return {
    vault,
    directory,
    revoker: createRevoker({ directory, grants, log }),
    connections,
    held,
    candidates: createCandidates({ store, vault, registry }),
    sessions,
    holders: createHolders({ store, sessions, owners, ownership, now }),
    owners,
    ownerSlots,
    signedIn: createSignedInSessions({ sessions, owners, ownerSlots, index }),
    pauses: createPauses({ store, vault, now }),
  };
}
