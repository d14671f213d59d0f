import type { Request } from 'express';
import type { Connection } from '../../connections/connection.js';
import type { StoredConnection } from '../../connections/connection-store.js';
import type { Held } from '../../connections/held-connections.js';
import type { Holder } from '../../connections/holder.js';
import { providerOfCell } from '../../connections/cell.js';
import { moveConnection, removeHere } from '../../connections/move-connections.js';
import { revokeRecords } from '../../connections/revoke-records.js';
import { currentSession } from '../../middleware/session.js';
import { currentHolder } from '../../middleware/standing.js';
import type { Services } from '../../services.js';

/** What this browser's session had connected before connections belonged to people. */
export interface Earlier {
  /** The session itself, as the holder that it was. */
  from: Holder;
  /** The owner who may keep them. */
  to: Holder;
  held: Held;
}

/** Undefined where there is nothing of the kind. */
export async function earlierConnections(services: Services, req: Request): Promise<Earlier | undefined> {
  const current = currentSession(req);
  const to = currentHolder(req);
  if (!services.configuration.ownership || !current || !to) return undefined;
  const { browserId } = current.id;
  const held = await services.held.read(browserId);
  if (held.connections.length === 0) return undefined;
  const from: Holder = { slot: browserId, guards: [], ttlMs: () => services.sessions.lifetime(current.session) };
  return { from, to, held };
}

/** Those with these ids become the owner's; the rest ends, here and at the providers. */
export async function keepConnections(
  services: Services,
  { from, to, held }: Earlier,
  isKept: (stored: StoredConnection) => boolean,
): Promise<void> {
  const { revoker, registry, log } = services;
  for (const stored of held.connections) {
    const provider = providerOfCell(stored.cell);
    const ended = isKept(stored) ? await moveConnection(services, from, to, stored) : await end(services, from, stored);
    const outcome = isKept(stored) ? 'kept' : 'ended';
    const offered = registry.get(provider);
    // A second grant of an account that the owner has connected already is given back where that ends nothing else.
    if (ended && isKept(stored) && offered) await revoker.release(offered, ended, []);
    if (ended && !isKept(stored)) await revokeRecords({ registry, revoker }, provider, [ended]);
    log.audit('connection.earlier', { slot: from.slot, owner: to.owner }, { provider, outcome });
  }
}

async function end(services: Services, from: Holder, stored: StoredConnection): Promise<Connection | undefined> {
  await removeHere(services, from, stored);
  return stored.connection;
}
