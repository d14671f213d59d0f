import type { Configuration } from '../config/configuration.js';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Candidates } from '../connections/candidates.js';
import type { ConnectionStore } from '../connections/connection-store.js';
import type { HeldConnections } from '../connections/held-connections.js';
import type { Pauses } from '../connections/refresh/pause.js';
import type { Revoker } from '../connections/revoke.js';
import type { Vault } from '../connections/vault.js';
import { createLog, type Log, type LogFields } from '../log/log.js';
import { createHttpClient } from '../http/client.js';
import { createRegistry, type ProviderRegistry } from '../providers/registry.js';
import { createGrants } from '../oauth/grants.js';
import { createRecords } from '../records.js';
import type { OwnerRecords } from '../sessions/owners/owner-records.js';
import type { OwnerSlots } from '../sessions/owners/owner-slots.js';
import type { SignedInSessions } from '../sessions/owners/signed-in-sessions.js';
import type { Sessions } from '../sessions/sessions.js';
import { openRedisServers, type RedisServers } from '../store/redis/servers.js';
import type { Store } from '../store/store.js';
import { CommandError, type Surroundings } from './command.js';
import { loadConfiguration } from './loaded-configuration.js';
import { operatorName } from './operator-name.js';
import { openReadyStore } from './ready-store.js';

/** What a person who runs the server may do with its store, beside the running processes. */
export interface Operator {
  configuration: Configuration;
  registry: ProviderRegistry;
  store: Store;
  servers: RedisServers;
  vault: Vault;
  sessions: Sessions;
  owners: OwnerRecords;
  ownerSlots: OwnerSlots;
  signedIn: SignedInSessions;
  connections: ConnectionStore;
  candidates: Candidates;
  held: HeldConnections;
  pauses: Pauses;
  revoker: Revoker;
  log: Log;
  /** One line of the audit trail for each act, with who did it and, by the name that the servers write, in which session. */
  audit(event: string, fields: LogFields, browserId?: string): void;
  now: () => number;
}

/** Does something with the store of the configuration, and closes it. Throws CommandError, ConfigurationError, StoreUnavailableError. */
export async function asOperator<T>(surroundings: Surroundings, work: (operator: Operator) => Promise<T>): Promise<T> {
  const { note, progress, now } = surroundings;
  const { configuration, environment, definitions, problems } = loadConfiguration(surroundings);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const { redis } = configuration;
  if (!redis)
    throw new CommandError(
      'REDIS_URL is not set: the sessions are in the memory of the running process, and end with it. There is nothing to be reached from here.',
    );
  if (environment.text('ENCRYPTION_KEYS') === undefined && environment.text('ENCRYPTION_KEYS_FILE') === undefined)
    note(
      'ENCRYPTION_KEYS is not set: what the running processes sealed cannot be read, and tokens cannot be revoked.\n',
    );

  const hasSecret = ['SESSION_SECRET', 'SESSION_SECRET_FILE'].some((name) => environment.text(name) !== undefined);
  progress('Connecting to Redis');
  const servers = await openRedisServers(redis);
  const log = createLog({
    level: 'info',
    format: configuration.logFormat,
    destination: { write: (line: string) => note(line) },
    // Without the servers' own secret the name would be another one than theirs.
    auditKey: hasSecret ? configuration.sessionSecrets[0] : undefined,
  });
  const quiet: Log = { ...log, info: () => undefined, audit: () => undefined };
  const store = await openReadyStore(redis, quiet).catch((error: unknown) => {
    servers.close();
    throw error;
  });
  const { http, close: closeHttp } = createHttpClient({ proxies: configuration.proxies });
  try {
    const registry = createRegistry(definitions, environment, configuration);
    const records = createRecords({
      ...{ configuration, definitions, registry, store, http, now },
      grants: createGrants(http),
      log: quiet,
    });
    return await work({
      configuration,
      registry,
      store,
      servers,
      ...records,
      log: quiet,
      audit: (event, fields, browserId) =>
        log.audit(event, { slot: browserId }, { ...fields, operator: operatorName() }),
      now,
    });
  } finally {
    servers.close();
    await Promise.allSettled([store.close(), closeHttp()]);
  }
}
