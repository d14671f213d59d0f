import { GatehouseError } from '../errors.js';
import type { Provider } from '../providers/provider.js';
import { connectionKey } from '../store/keys.js';
import type { Store } from '../store/store.js';
import type { Connection, Organization } from './connection.js';
import type { ConnectionStore } from './connection-store.js';
import { notConnected } from './refresh/failure.js';

interface Dependencies {
  connections: ConnectionStore;
  store: Store;
}

/** What the person decided: an organization, null for the personal account, or to leave it open. */
export type OrganizationChoice = Organization | null | 'skipped';

/** Writes the choice into the record as it is now; a refresh that comes in between is kept. */
export async function chooseOrganization(
  { connections, store }: Dependencies,
  slot: string,
  provider: Provider,
  ttlMs: number,
  choice: OrganizationChoice,
): Promise<void> {
  const key = connectionKey(slot, provider.id);
  for (let tries = 0; tries < 20; tries += 1) {
    const stored = await connections.read(slot, provider.id);
    if (!stored?.connection) throw notConnected(provider);
    const value = connections.seal(key, withChoice(stored.connection, choice));
    if (await store.commit([connections.unchanged(stored)], [{ key, value, ttlMs }])) return;
  }
  throw new GatehouseError('store_unavailable', 'The choice could not be saved. Try again.', provider.id);
}

function withChoice(connection: Connection, choice: OrganizationChoice): Connection {
  if (choice === 'skipped') return { ...connection, organizationSkipped: true };
  const { organizationLost: _lost, organizationSkipped: _skipped, ...rest } = connection;
  return { ...rest, organization: choice };
}
