import type { Request } from 'express';
import type { StoredConnection } from '../../connections/connection-store.js';
import { applicationRef, connectionRef, type ConnectionRef } from '../../connections/connection-ref.js';
import type { Named } from '../../connections/held-connections.js';
import { filledRef } from '../../connections/filled-ref.js';
import type { Holder } from '../../connections/holder.js';
import { mustChoose, organizationRequired } from '../../connections/memberships.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import { connectionState } from '../../connections/status.js';
import { GatehouseError } from '../../errors.js';
import { withoutHolder } from '../../middleware/standing.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import type { SessionId } from '../../sessions/session-id.js';
import type { Session } from '../../sessions/session-record.js';
import { candidateKey } from '../../store/keys.js';
import type { FoundConnection } from './call.js';
import { only } from '../request/named-connection.js';
import { orLoginRequired } from '../request/required-session.js';

/**
 * The holder's connection that a path names, usable now; throws what keeps a call from being made. One question to the store,
 * two where connections belong to people, and one more where the only connection at a provider is not the first that there was.
 */
export async function findConnection(services: Services, req: Request, name: Named): Promise<FoundConnection> {
  const { cookies, sessions, holders, access, configuration } = services;
  const { provider } = name;
  const nobody = configuration.ownership ? 'owner_required' : 'login_required';
  const id = cookies.sessionId(req.headers.cookie)?.id;
  const found = id && (await look(services, id, name));
  if (!found) throw withoutHolder(nobody, provider.id);
  if ('refusal' in found) throw withoutHolder(found.refusal, provider.id);
  const { session, holder, stored } = found;
  sessions.touch(id.browserId, session);
  if (provider.grant === 'client_credentials')
    return { browserId: id.browserId, session, ...(await applicationConnection(services, holder, provider, req)) };
  if (!stored) await refuseUnconfirmed(services, holder, provider);
  const ref = connectionRef(holder, provider, stored?.cell ?? provider.id, req.res?.locals);
  holders.used(ref);
  const connection = await access.usable(ref, stored).catch((error: unknown) => {
    recordFailure(services, ref, error);
    return orLoginRequired(sessions, id.browserId, provider)(error);
  });
  if (mustChoose(provider, connection)) throw organizationRequired(provider);
  return { browserId: id.browserId, session, ref: filledRef(ref, connection), connection };
}

type Looked = { refusal: 'owner_required' | 'owner_expired' } | Seen;

interface Seen {
  session: Session;
  holder: Holder;
  /** Absent where nothing is connected at the provider. */
  stored?: StoredConnection;
}

/** The session with its holder, and the connection that is meant; undefined without a session. */
async function look(
  { store, sessions, held, holders, connections, configuration }: Services,
  id: SessionId,
  name: Named,
): Promise<Looked | undefined> {
  const { browserId } = id;
  const beside = configuration.ownership ? [] : held.likelyKeys(browserId, name);
  const read = await sessions.readWith(id, beside);
  const { session } = read;
  if (!session) return undefined;
  const place = holders.slotOf(browserId, session);
  if (!place) return { refusal: 'owner_required' };
  const { slot, keys: proofs } = place;
  const keys = held.likelyKeys(slot, name);
  const values = beside.length > 0 ? read.values : await store.recall([...proofs, ...keys]);
  const standing = holders.judge(browserId, session, values.slice(0, proofs.length));
  if (!('holder' in standing)) return standing;
  const { holder } = standing;
  const [index, ...records] = values.slice(proofs.length);
  const found = records.flatMap((record, at) => (record ? [connections.open(keys[at + 1] ?? '', record)] : []));
  if (!index) void held.writeDown(holder).catch(() => undefined);
  const sighting = held.sight(slot, name, index, found);
  if (typeof sighting === 'object' && 'stored' in sighting) return { session, holder, stored: sighting.stored };
  // What is not where it most likely is: all of it is looked at, and a damaged record is seen as one.
  const stored = only(await held.read(slot), name);
  return { session, holder, ...(stored ? { stored } : {}) };
}

/**
 * The operator's own connection, for a holder that the file's `access` names. Throws GatehouseError access_denied, and what
 * keeps the connection from being used.
 */
export async function applicationConnection(
  { applicationAccess, connections, access }: Services,
  holder: Holder,
  provider: Provider,
  req: Request,
): Promise<{ ref: ConnectionRef; connection: LiveConnection }> {
  const trace = req.res?.locals;
  await applicationAccess.require(provider, holder, trace);
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

async function refuseUnconfirmed({ store }: Services, { slot }: Holder, provider: Provider): Promise<void> {
  if (await store.get(candidateKey(slot, provider.id)))
    throw new GatehouseError('confirmation_required', `Confirm the account at ${provider.name} first.`, provider.id);
}
