import type { Request, RequestHandler } from 'express';
import { currentSession } from '../../middleware/session.js';
import type { Services } from '../../services.js';
import { connectionStates, stateOf } from './connections.js';
import { named, namedConnection } from '../request/named-connection.js';

/** GET /api/session — what a single-page app asks first: is there a session, what is connected. */
export function session(services: Services): RequestHandler {
  return async (req, res) => {
    res.json(await sessionBody(services, req));
  };
}

export async function sessionBody(services: Services, req: Request) {
  const current = currentSession(req);
  const left = current && services.sessions.remaining(current.session);
  return {
    session: {
      active: current !== undefined,
      expires_in: left?.expiresIn ?? null,
      idle_expires_in: left?.idleExpiresIn ?? null,
    },
    connections: await connectionStates(services, current, services.registry.all()),
  };
}

/** GET /api/connections */
export function connections(services: Services): RequestHandler {
  return async (req, res) => {
    res.json({ connections: await connectionStates(services, currentSession(req), services.registry.all()) });
  };
}

/** GET /api/connections/:key */
export function connection(services: Services): RequestHandler {
  return async (req, res) => {
    const { key } = req.params;
    const name = named(services.registry, key);
    const current = currentSession(req);
    if (!current && name.provider && name.id === undefined) res.json(await stateOf(services, current, name.provider));
    else {
      const { provider, stored } = await namedConnection(services, req, key);
      res.json(await stateOf(services, current, provider, stored?.id));
    }
  };
}
