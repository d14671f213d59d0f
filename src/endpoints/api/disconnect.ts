import type { Request, RequestHandler, Response } from 'express';
import type { Revocation } from '../../connections/revoke.js';
import { faultPoint } from '../../fault-points.js';
import { GatehouseError } from '../../errors.js';
import { currentSession } from '../../middleware/session.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { candidateKey, connectionKey, pauseKey } from '../../store/keys.js';
import { redirect } from '../request/redirect.js';
import type { Addresses } from '../../config/addresses.js';
import { offeredProvider } from '../request/offered-provider.js';
import { bodyParameters, single } from '../request/parameters.js';
import { withOutcome } from '../request/return-to.js';

/** DELETE /api/connections/:provider — forgets here, revokes at the provider. */
export function disconnect(services: Services): RequestHandler {
  return async (req, res) => {
    const provider = offeredProvider(services.registry, req.params['provider']);
    res.json(await forget(services, req, res, provider, wantsRevocation(req)));
  };
}

/** POST /connections/:provider/disconnect — the same from a form, which cannot send DELETE. */
export function disconnectByForm(services: Services & { addresses: Addresses }): RequestHandler {
  return async (req, res) => {
    const provider = offeredProvider(services.registry, req.params['provider']);
    const { revocation } = await forget(services, req, res, provider, wantsRevocation(req));
    redirect(res, 303, withOutcome(services.addresses.home, { disconnected: provider.id, revocation }));
  };
}

/** Forgets first: what cannot be revoked must not stay usable here. */
async function forget(
  services: Services,
  req: Request,
  res: Response,
  provider: Provider,
  revoke: boolean,
): Promise<{ provider: string; revocation: Revocation }> {
  const { connections, candidates, store, revoker, metrics, log } = services;
  const session = currentSession(req);
  const browserId = session?.id.browserId;
  const stored = browserId === undefined ? undefined : await connections.read(browserId, provider.id);
  faultPoint('disconnect.begun');
  const waiting = browserId === undefined ? undefined : await candidates.read(browserId, provider.id);
  if (browserId !== undefined)
    await store.commit(
      [],
      [connectionKey, candidateKey, pauseKey].map((key) => ({ key: key(browserId, provider.id), delete: true })),
    );
  faultPoint('disconnect.deleted');
  if (browserId !== undefined) metrics.recentConnections.forget([connectionKey(browserId, provider.id)]);
  if (!stored && !waiting) return { provider: provider.id, revocation: 'not_connected' };
  const sets = [stored?.connection?.tokens, waiting?.candidate.connection.tokens].filter(
    (tokens) => tokens !== undefined,
  );
  const revocation = revoke ? await revoker.revokeAll(provider, sets) : 'skipped';
  faultPoint('disconnect.revoked');
  const actor = { slot: browserId, owner: session?.session.owner, trace: res.locals };
  log.audit('connection.removed', actor, { provider: provider.id, revocation });
  return { provider: provider.id, revocation };
}

function wantsRevocation(req: Request): boolean {
  const value = single(bodyParameters(req), 'revoke') ?? 'true';
  if (value !== 'true' && value !== 'false')
    throw new GatehouseError('invalid_request', 'The parameter revoke is either true or false.');
  return value === 'true';
}
