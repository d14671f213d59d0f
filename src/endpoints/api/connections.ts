import type { StoredConnection } from '../../connections/connection-store.js';
import { connectionState, type SessionEnd } from '../../connections/status.js';
import type { ConnectionState } from '../../contract.js';
import type { Metrics } from '../../metrics/metrics.js';
import type { Provider } from '../../providers/provider.js';
import type { CurrentSession } from '../../middleware/session.js';
import type { Services } from '../../services.js';
import { applicationSlot, candidateKey, connectionKey, pauseKey } from '../../store/keys.js';

type Dependencies = Pick<
  Services,
  'store' | 'connections' | 'pauses' | 'applicationAccess' | 'configuration' | 'metrics' | 'sessions' | 'now'
>;

/**
 * The states of providers in one session, read with one question and a second one about those without a record; without a
 * session nothing is connected.
 */
export async function connectionStates(
  { store, connections, pauses, applicationAccess, configuration, metrics, sessions, now }: Dependencies,
  current: CurrentSession | undefined,
  providers: readonly Provider[],
): Promise<ConnectionState[]> {
  const { basePath } = configuration;
  const browserId = current?.id.browserId;
  const sessionEnd = current && endOf(sessions.remaining(current.session), now());
  const ids = [...new Set(providers.flatMap((provider) => [provider.id, ...deciding(provider)]))];
  const keys =
    browserId === undefined
      ? []
      : ids.flatMap((id) => [connectionKey(browserId, id), candidateKey(browserId, id), pauseKey(browserId, id)]);
  const values = keys.length > 0 ? await store.getMany(keys) : [];
  const damaged = await connections.overwritten(keys.filter((_, index) => index % 3 === 0 && !values[index]));
  const own = new Map(
    ids.map((id, index) => {
      const [sealed, candidate, pause] = values.slice(index * 3, index * 3 + 3);
      const key = keys[index * 3] ?? '';
      const stored = sealed ? connections.open(key, sealed) : damaged.find((each) => each.key === key);
      const paused = browserId === undefined ? undefined : pauses.open(browserId, id, pause);
      return [id, { stored, candidate: candidate !== undefined, pause: paused }];
    }),
  );
  const states = [];
  for (const provider of providers) {
    const situation = own.get(provider.id) ?? { stored: undefined, candidate: false };
    const shared =
      provider.grant === 'client_credentials' && applicationAccess.isNamed(provider, (id) => own.get(id)?.stored);
    const stored = shared ? await connections.read(applicationSlot(provider.id), provider.id) : situation.stored;
    const state = connectionState(provider, {
      ...situation,
      stored,
      now: now(),
      basePath,
      sessionEnd: shared ? undefined : sessionEnd,
    });
    if (browserId !== undefined)
      recordState(
        metrics,
        connectionKey(shared ? applicationSlot(provider.id) : browserId, provider.id),
        state,
        stored,
      );
    states.push(shared && !stored ? { ...state, status: 'connected' as const } : state);
  }
  return states;
}

function endOf({ expiresIn, idleExpiresIn }: ReturnType<Services['sessions']['remaining']>, now: number): SessionEnd {
  const isIdle = idleExpiresIn < expiresIn;
  return { at: now + (isIdle ? idleExpiresIn : expiresIn) * 1000, reason: isIdle ? 'session_idle' : 'session_max' };
}

/** The providers whose accounts decide whether a session may use the operator's own. */
function deciding({ grant, access }: Provider): string[] {
  if (grant !== 'client_credentials' || access === 'none') return [];
  return access.sessionsWith.map((entry) => entry.slice(0, entry.indexOf(':')));
}

/** A state that somebody was told is what the metrics know of a connection, too. */
function recordState(
  { recentConnections }: Metrics,
  key: string,
  { provider, status, access }: ConnectionState,
  stored?: StoredConnection,
): void {
  if (status === 'not_connected') recentConnections.forget([key]);
  else
    recentConnections.set(key, {
      provider,
      status,
      expiresAt: stored?.connection?.tokens?.expiresAt,
      refreshable: access?.refreshable === true,
    });
}
