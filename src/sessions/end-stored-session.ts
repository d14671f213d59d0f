import type { Candidates } from '../connections/candidates.js';
import type { Connection } from '../connections/connection.js';
import type { ConnectionStore } from '../connections/connection-store.js';
import type { KnownProviders } from '../connections/known-providers.js';
import { revokeRecords } from '../connections/revoke-records.js';
import type { Revoker } from '../connections/revoke.js';
import type { Revocation } from '../contract.js';
import type { Actor } from '../log/audit-actor.js';
import type { Log } from '../log/log.js';
import type { ProviderRegistry } from '../providers/registry.js';
import { candidateKey, connectionKey, pauseKey } from '../store/keys.js';
import type { Sessions } from './sessions.js';

interface Dependencies {
  sessions: Sessions;
  connections: ConnectionStore;
  candidates: Candidates;
  registry: ProviderRegistry;
  knownProviders: KnownProviders;
  revoker: Revoker;
  log: Log;
}

/**
 * Ends a session with everything connected in it, also of providers that are not offered any longer: forgets first, and revokes
 * then, since what cannot be revoked must not stay usable here. Without `revoke` it only forgets.
 */
export async function endStoredSession(
  { sessions, connections, candidates, registry, knownProviders, revoker, log }: Dependencies,
  actor: Actor & { slot: string },
  { revoke = true }: { revoke?: boolean } = {},
): Promise<{ provider: string; revocation: Revocation }[]> {
  const { slot: browserId } = actor;
  const ids = await knownProviders.ids(browserId);
  const stored = await connections.readAll(browserId, ids);
  const waiting = new Map<string, Connection>();
  for (const id of ids) {
    const found = registry.get(id)?.grant === 'client_credentials' ? undefined : await candidates.read(browserId, id);
    if (found) waiting.set(id, found.candidate.connection);
  }
  const keys = ids.flatMap((id) => [connectionKey, candidateKey, pauseKey].map((key) => key(browserId, id)));
  await sessions.end(browserId, keys);
  log.audit('session.ended', actor, { connections: stored.size });
  return Promise.all(
    ids
      .filter((id) => stored.has(id) || waiting.has(id))
      .map(async (id) => {
        const both = [stored.get(id)?.connection, waiting.get(id)].filter((connection) => connection !== undefined);
        const revocation = revoke ? await revokeRecords({ registry, revoker }, id, both) : 'skipped';
        return { provider: id, revocation };
      }),
  );
}
