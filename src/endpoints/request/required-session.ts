import type { Request, RequestHandler } from 'express';
import { GatehouseError } from '../../errors.js';
import { currentSession } from '../../middleware/session.js';
import { requiredHolder } from '../../middleware/standing.js';
import type { Provider } from '../../providers/provider.js';
import type { Sessions } from '../../sessions/sessions.js';

/** The request's session, or 401. */
export function requiredSession(req: Request): NonNullable<ReturnType<typeof currentSession>> {
  const current = currentSession(req);
  if (!current) throw loginRequired();
  return current;
}

/** Responds 401 before a body is read. */
export const withSession: RequestHandler = (req, _res, next) => {
  requiredHolder(req);
  next();
};

export function loginRequired(provider?: string): GatehouseError {
  return new GatehouseError(
    'login_required',
    'This browser has no session, or it has ended. Connect a provider to begin one.',
    provider === undefined ? {} : { provider },
  );
}

/** Throws the error; of a connection that vanished together with its session, that the session has ended. */
export function orLoginRequired(
  sessions: Sessions,
  browserId: string,
  provider: Provider,
): (error: unknown) => Promise<never> {
  return async (error) => {
    const vanished = error instanceof GatehouseError && error.code === 'not_connected';
    throw vanished && !(await sessions.exists(browserId)) ? loginRequired(provider.id) : error;
  };
}
