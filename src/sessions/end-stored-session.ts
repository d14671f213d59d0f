import type { Actor } from '../log/audit-actor.js';
import type { Candidates } from '../connections/candidates.js';
import type { ConnectionStore } from '../connections/connection-store.js';
import type { Revocation, Revoker } from '../connections/revoke.js';
import type { Log } from '../log/log.js';
import type { TokenSet } from '../oauth/token-set.js';
import type { ProviderRegistry } from '../providers/registry.js';
import type { Sessions } from './sessions.js';

interface Dependencies {
  sessions: Sessions;
  connections: ConnectionStore;
  candidates: Candidates;
  registry: ProviderRegistry;
  revoker: Revoker;
  log: Log;
}

/**
 * Ends a session with everything connected in it: forgets first, and revokes then, since what cannot be revoked must not
 * stay usable here. Without `revoke` it only forgets.
 */
export async function endStoredSession(
  { sessions, connections, candidates, registry, revoker, log }: Dependencies,
  actor: Actor & { slot: string },
  { revoke = true }: { revoke?: boolean } = {},
): Promise<{ provider: string; revocation: Revocation }[]> {
  const { slot: browserId } = actor;
  const providers = registry.all();
  const stored = await connections.readAll(
    browserId,
    providers.map(({ id }) => id),
  );
  const waiting = new Map<string, TokenSet>();
  for (const { id, grant } of providers) {
    const tokens =
      grant === 'authorization_code' ? (await candidates.read(browserId, id))?.candidate.connection.tokens : undefined;
    if (tokens) waiting.set(id, tokens);
  }
  await sessions.end(browserId);
  log.audit('session.ended', actor, { connections: stored.size });
  return Promise.all(
    providers
      .filter(({ id }) => stored.has(id) || waiting.has(id))
      .map(async (provider) => {
        const sets = [stored.get(provider.id)?.connection?.tokens, waiting.get(provider.id)];
        const held = sets.filter((tokens) => tokens !== undefined);
        return { provider: provider.id, revocation: revoke ? await revoker.revokeAll(provider, held) : 'skipped' };
      }),
  );
}
