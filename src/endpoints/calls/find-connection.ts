import type { Request } from 'express';
import type { StoredConnection } from '../../connections/connection-store.js';
import { applicationRef, sessionRef, type ConnectionRef } from '../../connections/connection-ref.js';
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
import { loginRequired, orLoginRequired } from '../request/required-session.js';

/** The session's connection, usable now; throws what keeps a call from being made. */
export async function findConnection(services: Services, req: Request, provider: Provider): Promise<FoundConnection> {
  const { cookies, sessions, connections, access } = services;
  const id = cookies.sessionId(req.headers.cookie)?.id;
  const { session, record } = id ? await sessions.readWith(id, provider.id) : {};
  if (!id || !session) throw loginRequired(provider.id);
  sessions.touch(id.browserId, session);
  if (provider.grant === 'client_credentials')
    return {
      browserId: id.browserId,
      session,
      ...(await applicationConnection(services, req, { id, session }, provider)),
    };
  const ref = sessionRef(provider, id.browserId, () => sessions.lifetime(session), session.owner, req.res?.locals);
  const stored = record ? connections.open(ref.key, record) : await connections.read(id.browserId, provider.id);
  if (!stored) await refuseUnconfirmed(services, id, provider);
  const connection = await access.usable(ref, stored).catch((error: unknown) => {
    recordFailure(services, ref, error);
    return orLoginRequired(sessions, id.browserId, provider)(error);
  });
  if (mustChoose(provider, connection)) throw organizationRequired(provider);
  return { browserId: id.browserId, session, ref, connection };
}

/**
 * The operator's own connection, for a session that the file's `access` names. Throws GatehouseError access_denied, and what
 * keeps the connection from being used.
 */
export async function applicationConnection(
  { applicationAccess, connections, access, sessions }: Services,
  req: Request,
  { id: { browserId }, session }: { id: SessionId; session: Session },
  provider: Provider,
): Promise<{ ref: ConnectionRef; connection: LiveConnection }> {
  const trace = req.res?.locals;
  await applicationAccess.require(provider, browserId, (other) =>
    sessionRef(other, browserId, () => sessions.lifetime(session), session.owner, trace),
  );
  const ref = applicationRef(provider, trace);
  return { ref, connection: await access.usable(ref, await connections.read(ref.slot, provider.id)) };
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
