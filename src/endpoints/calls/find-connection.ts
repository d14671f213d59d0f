import type { Request } from 'express';
import type { StoredConnection } from '../../connections/connection-store.js';
import { applicationRef, connectionRef, type ConnectionRef } from '../../connections/connection-ref.js';
import type { Named } from '../../connections/held-connections.js';
import { filledRef } from '../../connections/filled-ref.js';
import { mustChoose, organizationRequired } from '../../connections/memberships.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import { connectionState } from '../../connections/status.js';
import { GatehouseError } from '../../errors.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import type { SessionId } from '../../sessions/session-id.js';
import type { Session } from '../../sessions/session-record.js';
import { candidateKey } from '../../store/keys.js';
import type { FoundConnection } from './call.js';
import { only } from '../request/named-connection.js';
import { loginRequired, orLoginRequired } from '../request/required-session.js';

/**
 * The session's connection that a path names, usable now; throws what keeps a call from being made. One question to the store,
 * but where the only connection at a provider is not the first that there was.
 */
export async function findConnection(services: Services, req: Request, name: Named): Promise<FoundConnection> {
  const { cookies, sessions, access } = services;
  const { provider } = name;
  const id = cookies.sessionId(req.headers.cookie)?.id;
  if (!id) throw loginRequired(provider.id);
  const { session, stored } = await look(services, id, name);
  if (!session) throw loginRequired(provider.id);
  sessions.touch(id.browserId, session);
  if (provider.grant === 'client_credentials')
    return {
      browserId: id.browserId,
      session,
      ...(await applicationConnection(services, req, { id, session }, provider)),
    };
  if (!stored) await refuseUnconfirmed(services, id, provider);
  const holder = services.holders.of(id.browserId, session);
  const ref = connectionRef(holder, provider, stored?.cell ?? provider.id, req.res?.locals);
  const connection = await access.usable(ref, stored).catch((error: unknown) => {
    recordFailure(services, ref, error);
    return orLoginRequired(sessions, id.browserId, provider)(error);
  });
  if (mustChoose(provider, connection)) throw organizationRequired(provider);
  return { browserId: id.browserId, session, ref: filledRef(ref, connection), connection };
}

/** The session, and the connection that is meant; absent where nothing is connected at the provider. */
async function look(
  { sessions, held, holders, connections }: Services,
  id: SessionId,
  name: Named,
): Promise<{ session?: Session; stored?: StoredConnection }> {
  const slot = id.browserId;
  const keys = held.likelyKeys(slot, name);
  const { session, values } = await sessions.readWith(id, keys);
  if (!session) return {};
  const holder = holders.of(slot, session);
  const [index, ...records] = values;
  const found = records.flatMap((record, at) => (record ? [connections.open(keys[at + 1] ?? '', record)] : []));
  if (!index) void held.writeDown(holder).catch(() => undefined);
  const sighting = held.sight(slot, name, index, found);
  if (typeof sighting === 'object' && 'stored' in sighting) return { session, stored: sighting.stored };
  // What is not where it most likely is: all of it is looked at, and a damaged record is seen as one.
  const stored = only(await held.read(slot), name);
  return stored ? { session, stored } : { session };
}

/**
 * The operator's own connection, for a session that the file's `access` names. Throws GatehouseError access_denied, and what
 * keeps the connection from being used.
 */
export async function applicationConnection(
  { applicationAccess, connections, access, holders }: Services,
  req: Request,
  { id: { browserId }, session }: { id: SessionId; session: Session },
  provider: Provider,
): Promise<{ ref: ConnectionRef; connection: LiveConnection }> {
  const trace = req.res?.locals;
  await applicationAccess.require(provider, holders.of(browserId, session), trace);
  const ref = applicationRef(provider, trace);
  const connection = await access.usable(ref, await connections.read(ref.slot, ref.cell));
  return { ref: filledRef(ref, connection), connection };
}

/** For the metrics, and at most once a minute for each connection more than a look at a clock. */
export function recordConnection(
  { metrics, configuration, now }: Services,
  ref: ConnectionRef,
  connection: LiveConnection,
): void {
  if (metrics.recentConnections.isRecent(ref.key)) return;
  const stored = { connection } as StoredConnection;
  const { basePath } = configuration;
  const { status, access } = connectionState(ref.provider, { stored, candidate: false, now: now(), basePath });
  const { expiresAt } = connection.tokens;
  metrics.recentConnections.set(ref.key, {
    provider: ref.provider.id,
    status,
    expiresAt,
    refreshable: access?.refreshable === true,
  });
}

/** Why a connection could not be used is the status that its owner would be told. */
function recordFailure(
  { metrics: { recentConnections } }: Services,
  { key, provider }: ConnectionRef,
  error: unknown,
): void {
  const code = error instanceof GatehouseError ? error.code : undefined;
  const status = code === 'refresh_unavailable' ? 'provider_unavailable' : code;
  if (status === 'reauth_required' || status === 'provider_unavailable')
    recentConnections.set(key, { provider: provider.id, status, expiresAt: undefined, refreshable: false });
}

async function refuseUnconfirmed({ store }: Services, { browserId }: SessionId, provider: Provider): Promise<void> {
  if (await store.get(candidateKey(browserId, provider.id)))
    throw new GatehouseError('confirmation_required', `Confirm the account at ${provider.name} first.`, provider.id);
}
