import type { RequestHandler } from 'express';
import { GatehouseError } from '../../errors.js';
import { adoptSession, currentSession } from '../../middleware/session.js';
import type { Services } from '../../services.js';
import { readOwnerAssertion } from '../../sessions/owner-assertion.js';
import { newSessionId } from '../../sessions/session-id.js';
import type { Session } from '../../sessions/session-record.js';
import { endSession } from './logout.js';
import { sessionBody } from './session.js';

/** Responds 404 before a body is read where sessions have no owners. */
export function ownersOnly({ configuration }: Pick<Services, 'configuration'>): RequestHandler {
  return (_req, _res, next) => {
    if (!configuration.owner) throw ownersAreOff();
    next();
  };
}

/**
 * PUT /api/session/owner — binds the session to the embedding application's user. Another user than before ends the old
 * session first, with everything connected and started in it: the next person inherits nothing.
 */
export function bindOwner(services: Services): RequestHandler {
  const { configuration, sessions, keys, store, log, now } = services;
  return async (req, res) => {
    if (!configuration.owner) throw ownersAreOff();
    const body: unknown = req.body;
    const assertion = typeof body === 'object' && body !== null && 'assertion' in body ? body.assertion : undefined;
    if (typeof assertion !== 'string') throw new GatehouseError('invalid_request', 'Send {"assertion": "<JWT>"}.');
    const owner = await readOwnerAssertion({ owner: configuration.owner, keys, store, now }, assertion);

    const current = currentSession(req);
    if (current?.session.owner !== owner) {
      if (current && current.session.owner === undefined) {
        const session = { ...current.session, owner, rotatedAt: now() };
        const id = await sessions.rotate(current.id, session);
        if (!id) throw new GatehouseError('login_required', 'The session ended meanwhile. Send a new assertion.');
        adoptSession(req, sessions, id, session);
      } else {
        await endSession(services, req, res);
        const session: Session = { createdAt: now(), rotatedAt: now(), owner };
        const id = newSessionId();
        await sessions.create(id, session);
        adoptSession(req, sessions, id, session);
      }
      log.audit('session.owner_bound', { slot: currentSession(req)?.id.browserId, owner, trace: res.locals });
    }
    res.json(await sessionBody(services, req));
  };
}

function ownersAreOff(): GatehouseError {
  return new GatehouseError(
    'not_found',
    'Sessions have no owners here. Set OWNER_JWKS_URL or OWNER_SECRET to turn them on.',
  );
}
