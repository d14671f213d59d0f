import type { Request, RequestHandler } from 'express';
import { currentSession } from '../../middleware/session.js';
import type { Services } from '../../services.js';
import { connectionStates } from './connections.js';
import { offeredProvider } from '../request/offered-provider.js';

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

/** GET /api/connections/:provider */
export function connection(services: Services): RequestHandler {
  return async (req, res) => {
    const provider = offeredProvider(services.registry, req.params['provider']);
    const [state] = await connectionStates(services, currentSession(req), [provider]);
    res.json(state);
  };
}
