import type { Configuration } from './config/configuration.js';
import { createCandidates } from './connections/candidates.js';
import { createConnectionStore } from './connections/connection-store.js';
import { createKnownProviders } from './connections/known-providers.js';
import { createPauses } from './connections/refresh/pause.js';
import { createRevoker } from './connections/revoke.js';
import { createVault } from './connections/vault.js';
import type { HttpClient } from './http/client.js';
import type { Log } from './log/log.js';
import { createServerDirectory } from './oauth/discovery.js';
import type { Grants } from './oauth/grants.js';
import type { Definitions } from './providers/definition.js';
import type { ProviderRegistry } from './providers/registry.js';
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
  const knownProviders = createKnownProviders({ store, vault, registry, definitions });
  return {
    vault,
    directory,
    revoker: createRevoker({ directory, grants, log }),
    connections: createConnectionStore({ store, vault, registry, log }),
    candidates: createCandidates({ store, vault, registry }),
    knownProviders,
    sessions: createSessions({ store, registry, knownProviders, configuration, now }),
    pauses: createPauses({ store, vault, now }),
  };
}
