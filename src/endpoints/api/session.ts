import type { Request, RequestHandler } from 'express';
import { currentSession } from '../../middleware/session.js';
import { currentHolder, requiredHolder } from '../../middleware/standing.js';
import type { Services } from '../../services.js';
import type { Session } from '../../sessions/session-record.js';
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
  const isActive = current !== undefined && currentHolder(req) !== undefined;
  const left = isActive ? services.sessions.remaining(current.session) : undefined;
  return {
    session: {
      active: isActive,
      expires_in: left?.expiresIn ?? null,
      idle_expires_in: left?.idleExpiresIn ?? null,
      ...(services.configuration.ownership ? { owner: ownerBody(services, current?.session) } : {}),
    },
    connections: await connectionStates(services, req, services.registry.all()),
  };
}

/** Who is signed in; an owner that has expired is told with no time left. */
function ownerBody({ holders }: Services, session: Session | undefined) {
  const person = session?.person;
  if (!person) return null;
  return {
    kind: person.provider ?? 'assertion',
    label: person.label ?? null,
    expires_in: Math.max(0, Math.floor(holders.remainingMs(person) / 1000)),
  };
}

/** GET /api/connections */
export function connections(services: Services): RequestHandler {
  return async (req, res) => {
    refuseWithoutOwner(services, req);
    res.json({ connections: await connectionStates(services, req, services.registry.all()) });
  };
}

/** GET /api/connections/:key */
export function connection(services: Services): RequestHandler {
  return async (req, res) => {
    const { key } = req.params;
    const name = named(services.registry, key);
    refuseWithoutOwner(services, req);
    const isVisitor = currentHolder(req) === undefined;
    if (isVisitor && name.provider && name.id === undefined) res.json(await stateOf(services, req, name.provider));
    else {
      const { provider, stored } = await namedConnection(services, req, key);
      res.json(await stateOf(services, req, provider, stored?.id));
    }
  };
}

/** Connections of a person are told to nobody else; without a session there are none, which may be told. */
function refuseWithoutOwner({ configuration }: Services, req: Request): void {
  if (configuration.ownership) requiredHolder(req);
}
