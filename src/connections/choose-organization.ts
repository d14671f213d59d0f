import { GatehouseError } from '../errors.js';
import type { Store } from '../store/store.js';
import type { Connection, Organization } from './connection.js';
import type { ConnectionRef } from './connection-ref.js';
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
  { slot, cell, key, provider, guards, ttlMs }: ConnectionRef,
  choice: OrganizationChoice,
): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const stored = await connections.read(slot, cell);
    if (!stored?.connection) throw notConnected(provider);
    const value = connections.seal(key, withChoice(stored.connection, choice));
    if (await store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }])) return;
  }
  throw new GatehouseError('store_unavailable', 'The choice could not be saved. Try again.', provider.id);
}

function withChoice(connection: Connection, choice: OrganizationChoice): Connection {
  if (choice === 'skipped') return { ...connection, organizationSkipped: true };
  const { organizationLost: _lost, organizationSkipped: _skipped, ...rest } = connection;
  return { ...rest, organization: choice };
}
