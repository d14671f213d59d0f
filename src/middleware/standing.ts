import type { Request, RequestHandler } from 'express';
import type { Ownership } from '../config/ownership.js';
import { GatehouseError } from '../errors.js';
import type { Holder, Holders } from '../sessions/holders.js';
import type { SessionId } from '../sessions/session-id.js';
import type { Session } from '../sessions/session-record.js';
import type { Sessions } from '../sessions/sessions.js';
import { adoptSession, currentSession, dropSession } from './session.js';

/** Whom connections belong to in this request, or why to nobody. */
export type RequestStanding = { holder: Holder } | { refusal: 'login_required' | 'owner_required' | 'owner_expired' };

const standings = new WeakMap<Request, RequestStanding>();

/** Says for every request with which holder's connections it deals. A session whose owner's epoch is over is none. */
export function standingMiddleware(holders: Holders, ownership: Ownership | undefined): RequestHandler {
  return async (req, _res, next) => {
    const current = currentSession(req);
    const standing: RequestStanding = current
      ? await holders.standing(current.id.browserId, current.session)
      : { refusal: ownership ? 'owner_required' : 'login_required' };
    standings.set(req, standing);
    const isOver = 'refusal' in standing && standing.refusal === 'owner_required';
    if (current?.session.person && isOver) dropSession(req);
    next();
  };
}

/** From here on the request belongs to this session, and to whom it belongs. */
export async function enterSession(
  req: Request,
  { sessions, holders }: { sessions: Sessions; holders: Holders },
  id: SessionId,
  session: Session,
): Promise<void> {
  adoptSession(req, sessions, id, session);
  standings.set(req, await holders.standing(id.browserId, session));
}

/** Undefined where the request has none. */
export function currentHolder(req: Request): Holder | undefined {
  const standing = standings.get(req);
  return standing && 'holder' in standing ? standing.holder : undefined;
}

/** Throws GatehouseError login_required, owner_required or owner_expired. */
export function requiredHolder(req: Request, provider?: string): Holder {
  const standing = standings.get(req);
  if (standing && 'holder' in standing) return standing.holder;
  throw withoutHolder(standing?.refusal ?? 'login_required', provider);
}

const details = {
  login_required: 'This browser has no session, or it has ended. Connect a provider to begin one.',
  owner_required: 'Nobody has signed in here. Sign in first; nothing is lost.',
  owner_expired: 'The sign-in is too long ago. Sign in again; nothing is lost.',
};

export function withoutHolder(code: keyof typeof details, provider?: string): GatehouseError {
  return new GatehouseError(code, details[code], provider === undefined ? {} : { provider });
}
