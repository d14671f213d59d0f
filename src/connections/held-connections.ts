import type { Provider } from '../providers/provider.js';
import { connectionIndexKey, connectionKey } from '../store/keys.js';
import type { Guard, Store, Write } from '../store/store.js';
import { furtherCell, isOfProvider, providerOfCell } from './cell.js';
import type { ConnectionIndex, ConnectionIndexes, IndexEntry } from './connection-index.js';
import type { Connection } from './connection.js';
import type { ConnectionStore, StoredConnection } from './connection-store.js';
import type { Holder } from './holder.js';

/** The connections of one holder, as they were at one moment. */
export interface Held {
  slot: string;
  index: ConnectionIndex;
  /** Every cell that was looked into. */
  cells: readonly string[];
  connections: readonly StoredConnection[];
}

/** What a path names: the only connection at a provider, or the one with this id. */
export interface Named {
  provider: Provider;
  id?: string;
}

/** What a look at the index and at one record shows. `elsewhere`: the record lies in another cell. */
export type Sighting = { stored: StoredConnection } | { elsewhere: string } | 'none' | 'several';

/** Which connections a holder has, read and changed as one. */
export interface HeldConnections {
  /** Of providers that are offered, and all that the index names. */
  read(slot: string): Promise<Held>;
  /** Of every provider that a file describes, too: releases before 0.3 kept no index. */
  readForEnd(slot: string): Promise<Held>;
  /** Of a holder that does not stand yet: nothing, whatever lies in its slot. */
  readNone(slot: string): Promise<Held>;
  /** Every cell in which this slot may have records. */
  cells(slot: string): Promise<readonly string[]>;
  /** The same as the store remembers it. */
  rememberedCells(slot: string): Promise<readonly string[]>;
  /** The keys of the index and of the records that a name most likely means: one question to the store. */
  likelyKeys(slot: string, named: Named): readonly string[];
  /** What the values of an index and of the records that were found say about a name. Asks nobody. */
  sight(slot: string, named: Named, index: Buffer | undefined, found: readonly StoredConnection[]): Sighting;
  /** The guard that nothing has come or gone since. */
  unchanged(held: Held): Guard;
  /** What must hold, and the index to write, when connections come and go. */
  change(holder: Holder, held: Held, change: { added?: IndexEntry; removed?: readonly string[] }): IndexChange;
  /** Writes the index of a holder that has none, so that calls find it remembered. Resolves also where that fails. */
  writeDown(holder: Holder): Promise<void>;
}

export interface IndexChange {
  guard: Guard;
  write: Write;
}

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  indexes: ConnectionIndexes;
  /** The ids of the providers that are offered. */
  offered: () => readonly string[];
  /** The ids of all that a file describes. */
  described: readonly string[];
}

export function createHeldConnections(dependencies: Dependencies): HeldConnections {
  const { store, connections, indexes, offered, described } = dependencies;

  const readCells = async (slot: string, first: readonly string[]): Promise<Held> => {
    const index = await indexes.read(slot);
    const cells = [...new Set([...first, ...index.entries.map(({ cell }) => cell)])];
    return { slot, index, cells, connections: await connections.readAll(slot, cells) };
  };

  const cellsIn = ({ entries }: ConnectionIndex): string[] => [
    ...new Set([...offered(), ...described, ...entries.map(({ cell }) => cell)]),
  ];

  const unchanged: HeldConnections['unchanged'] = ({ slot, index }) => indexes.unchanged(slot, index);

  const change: HeldConnections['change'] = ({ slot, ttlMs }, held, { added, removed = [] }) => {
    const kept = held.connections.filter(({ cell }) => !removed.includes(cell) && cell !== added?.cell);
    const entries = [...kept.map(({ id, cell }) => ({ id, cell })), ...(added ? [added] : [])];
    return { guard: unchanged(held), write: indexes.write(slot, entries, ttlMs()) };
  };

  return {
    read: (slot) => readCells(slot, offered()),
    readForEnd: (slot) => readCells(slot, [...offered(), ...described]),

    readNone: async (slot) => ({ slot, index: await indexes.read(slot), cells: [], connections: [] }),

    cells: async (slot) => cellsIn(await indexes.read(slot)),
    rememberedCells: async (slot) => cellsIn(indexes.open(slot, (await store.recall([connectionIndexKey(slot)]))[0])),

    likelyKeys: (slot, { provider, id }) => {
      const cells = id === undefined ? [provider.id] : [provider.id, furtherCell(provider.id, id)];
      return [connectionIndexKey(slot), ...cells.map((cell) => connectionKey(slot, cell))];
    },

    sight: (slot, { provider, id }, sealed, found) => {
      const { entries } = indexes.open(slot, sealed);
      if (id !== undefined) {
        const stored = found.find((each) => each.id === id);
        return stored ? { stored } : 'none';
      }
      const first = found.find(({ cell }) => cell === provider.id);
      const further = entries.filter(({ cell }) => cell !== provider.id && providerOfCell(cell) === provider.id);
      const [only, ...others] = further;
      if (!only) return first ? { stored: first } : 'none';
      if (first || others.length > 0) return 'several';
      const stored = found.find(({ cell }) => cell === only.cell);
      return stored ? { stored } : { elsewhere: only.cell };
    },

    unchanged,
    change,

    writeDown: async (holder) => {
      const held = await readCells(holder.slot, offered());
      const { guard, write } = change(holder, held, {});
      if (!held.index.sealed) await store.commit([guard, ...holder.guards], [write]);
    },
  };
}

/** The holder's connections that a name means: none, one, or several at the provider. */
export function meantBy({ connections }: Held, { provider, id }: Named): readonly StoredConnection[] {
  const there = connections.filter(({ cell }) => providerOfCell(cell) === provider.id);
  return id === undefined ? there : there.filter((stored) => stored.id === id);
}

/** What is connected at the provider, as far as it can be read. */
export function livingAt(held: Held, provider: Provider): Connection[] {
  return meantBy(held, { provider }).flatMap(({ connection }) => (connection ? [connection] : []));
}

/** The cell for another connection at a provider. */
export function freeCell({ connections }: Held, provider: string, id: string): string {
  return connections.some(({ cell }) => cell === provider) ? furtherCell(provider, id) : provider;
}

/** The provider that an id names, of those that are given. */
export function providerOfId(providers: readonly Provider[], id: string): Provider | undefined {
  return providers.find((provider) => isOfProvider(id, provider.id));
}
