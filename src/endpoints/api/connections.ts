import type { Request } from 'express';
import type { StoredConnection } from '../../connections/connection-store.js';
import type { Holder } from '../../connections/holder.js';
import { meantBy, type Held } from '../../connections/held-connections.js';
import { connectionState, type SessionEnd } from '../../connections/status.js';
import type { ConnectionState } from '../../contract.js';
import type { Metrics } from '../../metrics/metrics.js';
import type { Provider } from '../../providers/provider.js';
import { currentSession, type CurrentSession } from '../../middleware/session.js';
import { currentHolder } from '../../middleware/standing.js';
import type { Services } from '../../services.js';
import { applicationSlot, candidateKey, connectionKey, pauseKey } from '../../store/keys.js';
import { unknownConnection } from '../request/named-connection.js';

type Dependencies = Pick<
  Services,
  'store' | 'connections' | 'held' | 'pauses' | 'applicationAccess' | 'configuration' | 'metrics' | 'sessions' | 'now'
>;

/**
 * The connections of a session, one after the other for each provider, and of a provider without any that there is none. Without
 * a session nothing is connected.
 */
export async function connectionStates(
  services: Dependencies,
  req: Request,
  providers: readonly Provider[],
): Promise<ConnectionState[]> {
  const [holder, current] = [currentHolder(req), currentSession(req)];
  if (!holder || !current) return providers.map((provider) => connectionState(provider, nothing(services)));
  const all = await snapshot(services, holder, current);
  const states: ConnectionState[] = [];
  for (const provider of providers) states.push(...(await statesAt(services, all, provider)));
  return states;
}

/** The state of the connection with this id, or, without an id, of a provider where at most one is connected. */
export async function stateOf(
  services: Dependencies,
  req: Request,
  provider: Provider,
  id?: string,
): Promise<ConnectionState> {
  const states = await connectionStates(services, req, [provider]);
  const state = id === undefined ? states[0] : states.find((each) => each.id === id);
  if (!state) throw unknownConnection();
  return state;
}

/** What is stored of a session's connections, at one moment. */
interface Snapshot {
  held: Held;
  /** Absent where connections outlive the session. */
  sessionEnd: SessionEnd | undefined;
  /** Of pauses by cell, and of candidates by provider. */
  values: ReadonlyMap<string, Buffer>;
}

async function snapshot(
  { store, held, sessions, configuration, now }: Dependencies,
  { slot }: Holder,
  { session }: CurrentSession,
): Promise<Snapshot> {
  const read = await held.read(slot);
  const keys = read.cells.flatMap((cell) => [pauseKey(slot, cell), candidateKey(slot, cell)]);
  const found = keys.length > 0 ? await store.getMany(keys) : [];
  const values = new Map(keys.flatMap((key, index) => (found[index] ? [[key, found[index]]] : [])));
  const sessionEnd = configuration.ownership ? undefined : endOf(sessions.remaining(session), now());
  return { held: read, values, sessionEnd };
}

async function statesAt(services: Dependencies, all: Snapshot, provider: Provider): Promise<ConnectionState[]> {
  if (provider.grant === 'client_credentials') return [await applicationState(services, all, provider)];
  const { held, sessionEnd, values } = all;
  const { slot } = held;
  const there = meantBy(held, { provider });
  // Of several it is the page of the confirmation that says which one it is for.
  const candidate = there.length < 2 && values.has(candidateKey(slot, provider.id));
  const situation = { ...nothing(services), candidate, sessionEnd };
  if (there.length === 0)
    return [told(services, connectionKey(slot, provider.id), connectionState(provider, situation))];
  return there.map((stored) => {
    const pause = services.pauses.open(slot, stored.cell, values.get(pauseKey(slot, stored.cell)));
    const state = connectionState(provider, { ...situation, stored, pause, isOneOfSeveral: there.length > 1 });
    return told(services, stored.key, state, stored);
  });
}

/** The operator's own connection, where one of the session's allows its use. */
async function applicationState(
  services: Dependencies,
  { held }: Snapshot,
  provider: Provider,
): Promise<ConnectionState> {
  const { connections, applicationAccess } = services;
  if (!applicationAccess.isNamed(provider, held)) return connectionState(provider, nothing(services));
  const slot = applicationSlot(provider.id);
  const stored = await connections.read(slot, provider.id);
  const state = connectionState(provider, { ...nothing(services), stored });
  told(services, connectionKey(slot, provider.id), state, stored);
  return stored ? state : { ...state, status: 'connected' };
}

function nothing({ configuration, now }: Dependencies) {
  return { candidate: false, now: now(), basePath: configuration.basePath };
}

function endOf({ expiresIn, idleExpiresIn }: ReturnType<Services['sessions']['remaining']>, now: number): SessionEnd {
  const isIdle = idleExpiresIn < expiresIn;
  return { at: now + (isIdle ? idleExpiresIn : expiresIn) * 1000, reason: isIdle ? 'session_idle' : 'session_max' };
}

/** A state that somebody was told is what the metrics know of a connection, too. */
function told(
  { metrics: { recentConnections } }: { metrics: Metrics },
  key: string,
  state: ConnectionState,
  stored?: StoredConnection,
): ConnectionState {
  const { provider, status, access } = state;
  if (status === 'not_connected') recentConnections.forget([key]);
  else
    recentConnections.set(key, {
      provider,
      status,
      expiresAt: stored?.connection?.tokens?.expiresAt,
      refreshable: access?.refreshable === true,
    });
  return state;
}
