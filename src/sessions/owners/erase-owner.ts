import type { Candidates } from '../../connections/candidates.js';
import { providerOfCell } from '../../connections/cell.js';
import type { Connection } from '../../connections/connection.js';
import type { HeldConnections } from '../../connections/held-connections.js';
import { revokeRecords } from '../../connections/revoke-records.js';
import type { Revoker } from '../../connections/revoke.js';
import type { Revocation } from '../../contract.js';
import type { Actor } from '../../log/audit-actor.js';
import type { Log } from '../../log/log.js';
import type { ProviderRegistry } from '../../providers/registry.js';
import { ownerKey, sessionIndexKey } from '../../store/keys.js';
import { StoreUnavailableError, type Store, type Write } from '../../store/store.js';
import { cellKeys } from '../cell-keys.js';
import { endStoredSession } from '../end-stored-session.js';
import type { Sessions } from '../sessions.js';
import type { OwnerRecords } from './owner-records.js';
import type { SignedInSessions } from './signed-in-sessions.js';

interface Dependencies {
  store: Store;
  sessions: Sessions;
  owners: OwnerRecords;
  signedIn: SignedInSessions;
  held: HeldConnections;
  candidates: Candidates;
  registry: ProviderRegistry;
  revoker: Revoker;
  log: Log;
}

/** What there was of an owner, and what became of it. */
export interface ErasedOwner {
  connections: { id: string; provider: string; revocation: Revocation }[];
  /** How many sessions have ended. */
  sessions: number;
}

const maxTries = 20;

/**
 * Erases an owner. The epoch goes first, so that nothing that is under way for them is written any more; then their sessions, then
 * all of their records in one step, and with them the record of the owner: a repetition finds what an interrupted one left. What
 * was connected is revoked last, since what cannot be revoked must not stay usable here. Undefined: there is no such owner.
 */
export async function eraseOwner(
  dependencies: Dependencies,
  slot: string,
  trace?: Actor['trace'],
): Promise<ErasedOwner | undefined> {
  const { store, owners, signedIn, registry, revoker, log } = dependencies;
  if (!(await store.get(ownerKey(slot)))) return undefined;
  await owners.raise(slot);
  const browsers = await signedIn.ofOwner(slot);
  for (const browserId of browsers)
    await endStoredSession(dependencies, { slot: browserId, ...(trace ? { owner: slot, trace } : { owner: slot }) });
  const { stored, waiting } = await takeOut(dependencies, slot);
  const providers = [...new Set([...stored, ...waiting].map(({ provider }) => provider))];
  const outcomes = new Map<string, Revocation>();
  for (const provider of providers) {
    const ofProvider = [...stored, ...waiting].filter((each) => each.provider === provider);
    const readable = ofProvider.flatMap(({ connection }) => (connection ? [connection] : []));
    outcomes.set(provider, await revokeRecords({ registry, revoker }, provider, readable));
  }
  const connections = stored.map(({ id, provider }) => ({
    ...{ id, provider },
    revocation: outcomes.get(provider) ?? ('skipped' as const),
  }));
  log.audit('owner.erased', { owner: slot, trace }, { connections: stored.length, sessions: browsers.length });
  return { connections, sessions: browsers.length };
}

interface TakenOut {
  id: string;
  provider: string;
  /** Absent where the record cannot be read. */
  connection: Connection | undefined;
}

/** Deletes everything in the owner's slot. A connection that comes meanwhile goes with the others. */
async function takeOut(
  { store, held, candidates, registry }: Dependencies,
  slot: string,
): Promise<{ stored: TakenOut[]; waiting: TakenOut[] }> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const key = ownerKey(slot);
    const all = await held.readForEnd(slot);
    const sealed = await store.get(key);
    const connectable = [...new Set(all.cells.map(providerOfCell))].filter(
      (id) => registry.get(id)?.grant !== 'client_credentials',
    );
    const found = await Promise.all(connectable.map((id) => candidates.read(slot, id)));
    const keys = [key, sessionIndexKey(slot), ...cellKeys(slot, all.cells)];
    const deletions = keys.map((each): Write => ({ key: each, delete: true }));
    const unchanged = [held.unchanged(all), sealed ? { key, equals: sealed } : { key, exists: false }];
    if (!(await store.commit(unchanged, deletions))) continue;
    return {
      stored: all.connections.map(({ id, cell, connection }) => ({ id, provider: providerOfCell(cell), connection })),
      waiting: found.flatMap((each) => {
        const connection = each?.candidate.connection;
        return connection ? [{ id: connection.id, provider: connection.provider, connection }] : [];
      }),
    };
  }
  throw new StoreUnavailableError('The connections of an owner change without pause.');
}
