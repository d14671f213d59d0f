import type { Request, RequestHandler, Response } from 'express';
import type { Revocation } from '../../contract.js';
import { acceptsJson } from '../../middleware/accepts.js';
import { currentSession, dropSession } from '../../middleware/session.js';
import type { Services } from '../../services.js';
import { endStoredSession } from '../../sessions/end-stored-session.js';
import { connectionKey } from '../../store/keys.js';
import { bodyParameters } from '../request/parameters.js';
import { checkedReturnTo } from '../request/return-to.js';
import { redirect } from '../request/redirect.js';
import { clearAttemptCookie, presentedAttempts } from '../connect/attempt-cookies.js';

/**
 * POST /logout — ends the session, everything connected in it and everything started in this browser. An unsafe `return_to`
 * is refused, and nothing ends.
 */
export function logout(services: Services): RequestHandler {
  return async (req, res) => {
    const { cookies, configuration } = services;
    const returnTo = checkedReturnTo(configuration, bodyParameters(req));
    const had = currentSession(req) !== undefined;
    const revocations = await endSession(services, req, res);
    if (had) res.append('Set-Cookie', cookies.header(cookies.sessionName, '', 0));
    if (acceptsJson(req)) {
      res.json({ revocations });
      return;
    }
    // The start page tells what happened.
    if (had && returnTo === undefined) res.append('Set-Cookie', cookies.header(cookies.loggedOutName, '1', 60));
    redirect(res, 303, returnTo ?? `${configuration.basePath}/`);
  };
}

/** Ends the browser's session and everything that it started. Succeeds without a session. */
export async function endSession(
  services: Services,
  req: Request,
  res: Response,
): Promise<{ provider: string; revocation: Revocation }[]> {
  const { pending, cookies } = services;
  const attempts = presentedAttempts(req, cookies);
  await pending.forget(attempts.map(({ reference }) => reference));
  for (const { name } of attempts) clearAttemptCookie(res, cookies, name);

  const session = currentSession(req);
  const browserId = session?.id.browserId;
  if (browserId === undefined) return [];
  const revocations = await endStoredSession(services, {
    slot: browserId,
    owner: session?.session.owner,
    trace: res.locals,
  });
  dropSession(req);
  services.metrics.recentConnections.forget(services.registry.all().map(({ id }) => connectionKey(browserId, id)));
  return revocations;
}
