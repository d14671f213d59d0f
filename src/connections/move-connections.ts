import { connectionKey } from '../store/keys.js';
import { StoreUnavailableError, type Store } from '../store/store.js';
import { providerOfCell } from './cell.js';
import type { Connection } from './connection.js';
import type { ConnectionStore, StoredConnection } from './connection-store.js';
import { freeCell, type Held, type HeldConnections } from './held-connections.js';
import type { Holder } from './holder.js';

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  held: HeldConnections;
}

const maxTries = 20;

/**
 * Gives a connection to another holder, under the same id. It is written there first and deleted here then, so that a process
 * that dies in between loses nothing and a repetition completes it. Returns what is left over where the other holder has a
 * connection of the very account already: that one stays.
 */
export async function moveConnection(
  dependencies: Dependencies,
  from: Holder,
  to: Holder,
  stored: StoredConnection,
): Promise<Connection | undefined> {
  const twin = await writeThere(dependencies, to, stored);
  await removeHere(dependencies, from, stored);
  return twin && twin.id !== stored.id ? stored.connection : undefined;
}

/** The connection of the same id or account that is there already, if any. */
async function writeThere(
  { store, connections, held }: Dependencies,
  to: Holder,
  { id, cell: before, connection }: StoredConnection,
): Promise<StoredConnection | undefined> {
  if (!connection) return undefined;
  const provider = providerOfCell(before);
  for (let tries = 0; tries < maxTries; tries += 1) {
    const there = await held.read(to.slot);
    const twin = twinIn(there, provider, connection);
    if (twin) return twin;
    const cell = freeCell(there, provider, id);
    const key = connectionKey(to.slot, cell);
    const index = held.change(to, there, { added: { id, cell } });
    const record = { key, value: connections.seal(key, connection), ttlMs: to.ttlMs() };
    if (await store.commit([...to.guards, index.guard], [record, index.write])) return undefined;
  }
  throw new StoreUnavailableError('The connections of an owner change without pause.');
}

function twinIn({ connections }: Held, provider: string, { id, account }: Connection): StoredConnection | undefined {
  return connections.find(
    (each) =>
      each.id === id ||
      (providerOfCell(each.cell) === provider &&
        account.subject !== undefined &&
        each.connection?.account.subject === account.subject),
  );
}

/** Takes a connection out of its holder's records. */
export async function removeHere({ store, held }: Dependencies, from: Holder, stored: StoredConnection): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const here = await held.read(from.slot);
    const index = held.change(from, here, { removed: [stored.cell] });
    if (await store.commit([index.guard], [{ key: stored.key, delete: true }, index.write])) return;
  }
  throw new StoreUnavailableError('The connections of a session change without pause.');
}
