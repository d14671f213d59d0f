import type { RequestHandler } from 'express';
import { sessionRef } from '../../connections/connection-ref.js';
import { notConnected, reauthRequired } from '../../connections/refresh/failure.js';
import { GatehouseError } from '../../errors.js';
import type { Services } from '../../services.js';
import { connectionStates } from './connections.js';
import { limitForcedRefreshes } from './forced-refreshes.js';
import { offeredProvider } from '../request/offered-provider.js';
import { orLoginRequired, requiredSession } from '../request/required-session.js';

/** POST /api/connections/:provider/refresh — renews now, also a grant that seemed over but gave no reason. */
export function forceRefresh(services: Services): RequestHandler {
  const { registry, sessions, connections, refresher } = services;
  const limited = limitForcedRefreshes(services.store);
  return async (req, res) => {
    const provider = offeredProvider(registry, req.params['provider']);
    const { id, session } = requiredSession(req);
    if (provider.grant === 'client_credentials') throw notRefreshable(provider.name, provider.id);
    const stored = await connections.read(id.browserId, provider.id);
    if (!stored) throw notConnected(provider);
    const tokens = stored.connection?.tokens;
    if (!tokens) throw reauthRequired(provider);
    if (tokens.refreshToken === undefined) throw notRefreshable(provider.name, provider.id);
    const ref = sessionRef(provider, id.browserId, () => sessions.lifetime(session), session.owner, res.locals);
    await limited(ref, () => refresher.refresh(ref, stored)).catch(orLoginRequired(sessions, id.browserId, provider));
    const [state] = await connectionStates(services, { id, session }, [provider]);
    res.json(state);
  };
}

function notRefreshable(name: string, provider: string): GatehouseError {
  return new GatehouseError(
    'not_refreshable',
    `${name} gave no refresh token. The access lasts until it ends; connect again then.`,
    provider,
  );
}
