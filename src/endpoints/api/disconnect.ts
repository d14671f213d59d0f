import type { Request, RequestHandler, Response } from 'express';
import { revokeRecords } from '../../connections/revoke-records.js';
import type { Revocation } from '../../contract.js';
import { faultPoint } from '../../fault-points.js';
import { GatehouseError } from '../../errors.js';
import { currentSession } from '../../middleware/session.js';
import type { Services } from '../../services.js';
import { candidateKey, connectionKey, pauseKey } from '../../store/keys.js';
import { redirect } from '../../http/redirect.js';
import type { Addresses } from '../../config/addresses.js';
import { offeredProvider } from '../request/offered-provider.js';
import { bodyParameters, single } from '../request/parameters.js';
import { withOutcome } from '../request/return-to.js';

/** DELETE /api/connections/:provider — forgets here, revokes at the provider. */
export function disconnect(services: Services): RequestHandler {
  return async (req, res) => {
    res.json(await forget(services, req, res, idOf(req), wantsRevocation(req)));
  };
}

/** POST /connections/:provider/disconnect — the same from a form, which cannot send DELETE. */
export function disconnectByForm(services: Services & { addresses: Addresses }): RequestHandler {
  return async (req, res) => {
    const id = idOf(req);
    const { revocation } = await forget(services, req, res, id, wantsRevocation(req));
    redirect(res, 303, withOutcome(services.addresses.home, { disconnected: id, revocation }));
  };
}

/** Responds 404 before a body is read unless the provider is offered, or was once and is connected in this session. */
export function onlyRemovable({ registry, connections, candidates }: Services): RequestHandler {
  return async (req, _res, next) => {
    const id = idOf(req);
    const browserId = currentSession(req)?.id.browserId;
    const isFormer = !registry.get(id) && browserId !== undefined && /^[a-z][a-z0-9-]{0,31}$/.test(id);
    const found = isFormer && ((await connections.read(browserId, id)) ?? (await candidates.read(browserId, id)));
    if (!found) offeredProvider(registry, id);
    next();
  };
}

function idOf(req: Request): string {
  return String(req.params['provider']);
}

/** Forgets first: what cannot be revoked must not stay usable here. */
async function forget(
  services: Services,
  req: Request,
  res: Response,
  id: string,
  revoke: boolean,
): Promise<{ provider: string; revocation: Revocation }> {
  const { connections, candidates, store, metrics, log } = services;
  const session = currentSession(req);
  const browserId = session?.id.browserId;
  const stored = browserId === undefined ? undefined : await connections.read(browserId, id);
  faultPoint('disconnect.begun');
  const waiting = browserId === undefined ? undefined : await candidates.read(browserId, id);
  if (browserId !== undefined)
    await store.commit(
      [],
      [connectionKey, candidateKey, pauseKey].map((key) => ({ key: key(browserId, id), delete: true })),
    );
  faultPoint('disconnect.deleted');
  if (browserId !== undefined) metrics.recentConnections.forget([connectionKey(browserId, id)]);
  if (!stored && !waiting) return { provider: id, revocation: 'not_connected' };
  const ended = [stored?.connection, waiting?.candidate.connection].filter((connection) => connection !== undefined);
  const revocation = revoke ? await revokeRecords(services, id, ended) : 'skipped';
  faultPoint('disconnect.revoked');
  const actor = { slot: browserId, owner: session?.session.owner, trace: res.locals };
  log.audit('connection.removed', actor, { provider: id, revocation });
  return { provider: id, revocation };
}

function wantsRevocation(req: Request): boolean {
  const value = single(bodyParameters(req), 'revoke') ?? 'true';
  if (value !== 'true' && value !== 'false')
    throw new GatehouseError('invalid_request', 'The parameter revoke is either true or false.');
  return value === 'true';
}
