import type { Revocation } from '../contract.js';
import type { ProviderRegistry } from '../providers/registry.js';
import type { Connection } from './connection.js';
import { connectionDifference } from './origin.js';
import type { Revoker } from './revoke.js';

/**
 * Revokes what was connected at a provider, by its present settings; for one that is not offered any longer by those of its
 * file, where that is still there. `skipped`: no settings are known that lead to where the connection was made.
 */
export async function revokeRecords(
  { registry, revoker }: { registry: ProviderRegistry; revoker: Revoker },
  id: string,
  connections: readonly Connection[],
): Promise<Revocation> {
  const offered = registry.get(id);
  if (offered) return revoker.revokeAll(offered, connections);
  const [first] = connections;
  const former = first && registry.former?.(id, first);
  if (!former) return 'skipped';
  const ours = connections.filter((connection) => connectionDifference(former, connection) === undefined);
  return ours.length > 0 ? revoker.revokeAll(former, ours) : 'skipped';
}
