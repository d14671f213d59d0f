import type { RequestHandler } from 'express';
import { connectionRef } from '../../connections/connection-ref.js';
import { notConnected, reauthRequired } from '../../connections/refresh/failure.js';
import { GatehouseError } from '../../errors.js';
import type { Services } from '../../services.js';
import { stateOf } from './connections.js';
import { limitForcedRefreshes } from './forced-refreshes.js';
import { namedConnection } from '../request/named-connection.js';
import { orLoginRequired } from '../request/required-session.js';

/** POST /api/connections/:key/refresh — renews now, also a grant that seemed over but gave no reason. */
export function forceRefresh(services: Services): RequestHandler {
  const { sessions, refresher } = services;
  const limited = limitForcedRefreshes(services.store);
  return async (req, res) => {
    const { provider, current, holder, stored } = await namedConnection(services, req, req.params['key']);
    if (provider.grant === 'client_credentials') throw notRefreshable(provider.name, provider.id);
    if (!stored) throw notConnected(provider);
    const tokens = stored.connection?.tokens;
    if (!tokens) throw reauthRequired(provider);
    if (tokens.refreshToken === undefined) throw notRefreshable(provider.name, provider.id);
    const ref = connectionRef(holder, provider, stored.cell, res.locals);
    const orEnded = orLoginRequired(sessions, current.id.browserId, provider);
    await limited(ref, () => refresher.refresh(ref, stored)).catch(orEnded);
    res.json(await stateOf(services, req, provider, stored.id));
  };
}

function notRefreshable(name: string, provider: string): GatehouseError {
  return new GatehouseError(
    'not_refreshable',
    `${name} gave no refresh token. The access lasts until it ends; connect again then.`,
    provider,
  );
}
