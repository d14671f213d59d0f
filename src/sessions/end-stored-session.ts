import type { Candidates } from '../connections/candidates.js';
import { providerOfCell } from '../connections/cell.js';
import type { Connection } from '../connections/connection.js';
import type { Held, HeldConnections } from '../connections/held-connections.js';
import { revokeRecords } from '../connections/revoke-records.js';
import type { Revoker } from '../connections/revoke.js';
import type { Revocation } from '../contract.js';
import type { Actor } from '../log/audit-actor.js';
import type { Log } from '../log/log.js';
import type { ProviderRegistry } from '../providers/registry.js';
import { StoreUnavailableError } from '../store/store.js';
import type { Sessions } from './sessions.js';

interface Dependencies {
  sessions: Sessions;
  held: HeldConnections;
  candidates: Candidates;
  registry: ProviderRegistry;
  revoker: Revoker;
  log: Log;
}

/** What became of the connections of a session that has ended. */
export interface EndedSession {
  revocations: { provider: string; revocation: Revocation }[];
  /** Of the records that are gone. */
  keys: readonly string[];
}

const maxTries = 20;

/**
 * Ends a session with everything connected in it, also of providers that are not offered any longer: forgets first, and revokes
 * then, since what cannot be revoked must not stay usable here. Without `revoke` it only forgets.
 */
export async function endStoredSession(
  dependencies: Dependencies,
  actor: Actor & { slot: string },
  { revoke = true }: { revoke?: boolean } = {},
): Promise<EndedSession> {
  const { registry, revoker, log } = dependencies;
  const ended = await end(dependencies, actor.slot);
  log.audit('session.ended', actor, { connections: ended.keys.length });
  const revocations = await Promise.all(
    [...ended.byProvider].map(async ([id, connections]) => {
      const revocation = revoke ? await revokeRecords({ registry, revoker }, id, connections) : 'skipped';
      return { provider: id, revocation };
    }),
  );
  return { revocations, keys: ended.keys };
}

/** What a session held when it ended. A damaged record counts, though nothing in it can be revoked. */
interface Ended {
  /** Of the records. */
  keys: readonly string[];
  byProvider: ReadonlyMap<string, readonly Connection[]>;
}

/** A connection that comes meanwhile is ended with the others. */
async function end({ sessions, held, candidates, registry }: Dependencies, slot: string): Promise<Ended> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const all = await held.readForEnd(slot);
    const waiting = await readWaiting({ candidates, registry }, all);
    if (await sessions.end(slot, all.cells, held.unchanged(all)))
      return { keys: all.connections.map(({ key }) => key), byProvider: byProvider(all, waiting) };
  }
  throw new StoreUnavailableError('The connections of a session change without pause.');
}

async function readWaiting(
  { candidates, registry }: Pick<Dependencies, 'candidates' | 'registry'>,
  { slot, cells }: Held,
): Promise<Connection[]> {
  const ids = [...new Set(cells.map(providerOfCell))];
  const connectable = ids.filter((id) => registry.get(id)?.grant !== 'client_credentials');
  const found = await Promise.all(connectable.map((id) => candidates.read(slot, id)));
  return found.flatMap((each) => (each ? [each.candidate.connection] : []));
}

function byProvider({ connections }: Held, waiting: readonly Connection[]): Map<string, Connection[]> {
  const all = new Map<string, Connection[]>();
  const add = (id: string, connection: Connection | undefined): void => {
    all.set(id, [...(all.get(id) ?? []), ...(connection ? [connection] : [])]);
  };
  for (const { cell, connection } of connections) add(providerOfCell(cell), connection);
  for (const connection of waiting) add(connection.provider, connection);
  return all;
}
