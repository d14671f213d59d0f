import { GatehouseError } from '../errors.js';
import type { Store } from '../store/store.js';
import type { Connection } from './connection.js';
import type { ConnectionRef } from './connection-ref.js';
import type { ConnectionStore } from './connection-store.js';
import { notConnected } from './refresh/failure.js';

/** Characters of a label at most. */
export const maxLabelLength = 80;

/** Writes the person's name for a connection into its record as it is now; null takes the name away. */
export async function renameConnection(
  { connections, store }: { connections: ConnectionStore; store: Store },
  { slot, cell, key, provider, guards, ttlMs }: ConnectionRef,
  id: string,
  label: string | null,
): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const stored = await connections.read(slot, cell);
    if (!stored?.connection || stored.id !== id) throw notConnected(provider);
    const value = connections.seal(key, withLabel(stored.connection, label));
    if (await store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }])) return;
  }
  throw new GatehouseError('store_unavailable', 'The name could not be saved. Try again.', provider.id);
}

function withLabel(connection: Connection, label: string | null): Connection {
  const { label: _before, ...rest } = connection;
  return label === null ? rest : { ...rest, label };
}
