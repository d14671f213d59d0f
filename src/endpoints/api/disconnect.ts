import type { Request, RequestHandler, Response } from 'express';
import { isConnectionId, providerOfCell } from '../../connections/cell.js';
import type { Connection } from '../../connections/connection.js';
import type { StoredConnection } from '../../connections/connection-store.js';
import { providerOfId, type Held } from '../../connections/held-connections.js';
import type { Holder } from '../../connections/holder.js';
import { revokeRecords } from '../../connections/revoke-records.js';
import type { Revocation } from '../../contract.js';
import { faultPoint } from '../../fault-points.js';
import { GatehouseError } from '../../errors.js';
import { currentSession } from '../../middleware/session.js';
import { currentHolder, requiredHolder } from '../../middleware/standing.js';
import type { Services } from '../../services.js';
import { candidateKey, connectionKey, pauseKey } from '../../store/keys.js';
import { StoreUnavailableError, type Write } from '../../store/store.js';
import { redirect } from '../../http/redirect.js';
import type { Addresses } from '../../config/addresses.js';
import { connectionAmbiguous, unknownConnection } from '../request/named-connection.js';
import { offeredProvider } from '../request/offered-provider.js';
import { bodyParameters, single } from '../request/parameters.js';
import { withOutcome } from '../request/return-to.js';

/** DELETE /api/connections/:key — forgets here, revokes at the provider. */
export function disconnect(services: Services): RequestHandler {
  return async (req, res) => {
    res.json(await forget(services, req, res, wantsRevocation(req)));
  };
}

/** POST /connections/:key/disconnect — the same from a form, which cannot send DELETE. */
export function disconnectByForm(services: Services & { addresses: Addresses }): RequestHandler {
  return async (req, res) => {
    const { provider, revocation } = await forget(services, req, res, wantsRevocation(req));
    const key = String(req.params['key']);
    const named = isConnectionId(key) ? { connection: key } : {};
    redirect(res, 303, withOutcome(services.addresses.home, { disconnected: provider, ...named, revocation }));
  };
}

/** Responds 404 before a body is read unless the key names what is offered, or what was once and is connected in this session. */
export function onlyRemovable(services: Services): RequestHandler {
  return async (req, _res, next) => {
    await findRemovable(services, req);
    next();
  };
}

/** What a key names, also at a provider that is not offered any longer. */
interface Removable {
  provider: string;
  /** The session's; absent without one. */
  holder?: Holder;
  held?: Held;
  stored?: StoredConnection;
}

async function findRemovable(services: Services, req: Request): Promise<Removable> {
  const { configuration, registry, held: heldConnections, candidates } = services;
  const key = String(req.params['key']);
  const byId = isConnectionId(key);
  if (!byId && !currentHolder(req)) {
    const provider = offeredProvider(registry, key).id;
    // What belongs to people is told to nobody else, not even that there is nothing.
    if (configuration.ownership) requiredHolder(req, provider);
    return { provider };
  }
  const holder = requiredHolder(req, providerOfId(registry.all(), key)?.id);
  const held = await heldConnections.readForEnd(holder.slot);
  const offered = registry.get(key);
  const meant = held.connections.filter(({ id, cell }) => (byId ? id === key : providerOfCell(cell) === key));
  if (meant.length > 1) throw connectionAmbiguous(offered?.name ?? key, key, meant);
  const [stored] = meant;
  if (stored) return { provider: providerOfCell(stored.cell), holder, held, stored };
  if (byId) throw unknownConnection();
  if (!offered && !(isProviderId(key) && (await candidates.read(holder.slot, key)))) offeredProvider(registry, key);
  return { provider: key, holder, held };
}

function isProviderId(key: string): boolean {
  return /^[a-z][a-z0-9-]{0,31}$/.test(key);
}

const maxTries = 20;

/** Forgets first: what cannot be revoked must not stay usable here. */
async function forget(
  services: Services,
  req: Request,
  res: Response,
  revoke: boolean,
): Promise<{ provider: string; revocation: Revocation }> {
  const { metrics, log } = services;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const found = await findRemovable(services, req);
    const { provider, stored } = found;
    const waiting = await waitingFor(services, found);
    faultPoint('disconnect.begun');
    if (!(await remove(services, found, waiting !== undefined))) continue;
    faultPoint('disconnect.deleted');
    if (stored) metrics.recentConnections.forget([stored.key]);
    if (!stored && !waiting) return { provider, revocation: 'not_connected' };
    const ended = [stored?.connection, waiting].filter((connection) => connection !== undefined);
    const revocation = revoke ? await revokeRecords(services, provider, ended) : 'skipped';
    faultPoint('disconnect.revoked');
    const session = currentSession(req);
    const actor = { slot: session?.id.browserId, owner: session?.session.owner, trace: res.locals };
    log.audit('connection.removed', actor, { provider, revocation });
    return { provider, revocation };
  }
  throw new StoreUnavailableError('The connections of a session change without pause.');
}

/** What waits for a confirmation ends with the connection that it is for, and with the only one of its provider. */
async function waitingFor(
  { candidates }: Services,
  { provider, holder, held, stored }: Removable,
): Promise<Connection | undefined> {
  if (!holder || !held) return undefined;
  const candidate = (await candidates.read(holder.slot, provider))?.candidate;
  const isOnly = held.connections.filter(({ cell }) => providerOfCell(cell) === provider).length < 2;
  return isOnly || candidate?.reconnects === stored?.id ? candidate?.connection : undefined;
}

/**
 * False: a connection has come or gone meanwhile. A store that is full takes no index, but it still deletes: an entry of the
 * index without its record counts for nothing.
 */
async function remove(
  { store, held: heldConnections }: Services,
  { provider, holder, held, stored }: Removable,
  isWaiting: boolean,
): Promise<boolean> {
  if (!holder || !held) return true;
  const cell = stored?.cell ?? provider;
  const { guard, write } = heldConnections.change(holder, held, { removed: [cell] });
  const keys = [connectionKey(holder.slot, cell), pauseKey(holder.slot, cell)];
  if (isWaiting) keys.push(candidateKey(holder.slot, provider));
  const deletions = keys.map((key): Write => ({ key, delete: true }));
  const isListed = held.index.sealed !== undefined || stored !== undefined;
  try {
    return await store.commit([guard], isListed ? [...deletions, write] : deletions);
  } catch (error) {
    // Whether it was made cannot be known from the error alone.
    if (!isListed || !stored || !(await store.get(stored.key))) throw error;
    return store.commit([guard], deletions);
  }
}

function wantsRevocation(req: Request): boolean {
  const value = single(bodyParameters(req), 'revoke') ?? 'true';
  if (value !== 'true' && value !== 'false')
    throw new GatehouseError('invalid_request', 'The parameter revoke is either true or false.');
  return value === 'true';
}
