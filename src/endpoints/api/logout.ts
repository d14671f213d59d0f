import type { Request, RequestHandler, Response } from 'express';
import type { StoredAttempt } from '../../connections/attempts.js';
import type { Revocation } from '../../contract.js';
import { acceptsJson } from '../../middleware/accepts.js';
import { currentSession, dropSession } from '../../middleware/session.js';
import type { Services } from '../../services.js';
import { endStoredSession } from '../../sessions/end-stored-session.js';
import { bodyParameters } from '../request/parameters.js';
import { checkedReturnTo } from '../request/return-to.js';
import type { Addresses } from '../../config/addresses.js';
import type { Pages } from '../request/pages.js';
import { redirect } from '../../http/redirect.js';
import { providerLogout } from './provider-logout.js';
import { clearAttemptCookies, presentedAttempts, recentAttempts } from '../connect/attempt-cookies.js';
import { responseInTransitMs } from '../connect/find-attempt.js';

/**
 * POST /logout — ends the session, everything connected in it and everything started in this browser. An unsafe `return_to`
 * is refused, and nothing ends. Who had signed in by a Connect button is offered to log out at that provider, too.
 */
export function logout(services: Services & { addresses: Addresses; pages: Pages }): RequestHandler {
  return async (req, res) => {
    const { cookies, configuration, pages } = services;
    const returnTo = checkedReturnTo(configuration, bodyParameters(req));
    const current = currentSession(req);
    const had = current !== undefined;
    const revocations = await endSession(services, req, res);
    if (had) res.append('Set-Cookie', cookies.header(cookies.sessionName, '', 0));
    const there = await providerLogout(services, current?.session);
    if (acceptsJson(req)) {
      res.json({ revocations, ...(there ? { provider_logout_urls: [there.url] } : {}) });
      return;
    }
    if (there) {
      const provider = { name: there.name, logout_url: there.url };
      const html = pages.render(req, 'logged-out', { provider, next_url: returnTo ?? `${configuration.basePath}/` });
      res.type('html').send(html);
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
  const { pending, cookies, now } = services;
  const current = currentSession(req);
  const presented = presentedAttempts(req, cookies);
  const recent = recentAttempts(presented, now());
  const ended = await pending.forget(recent.map(({ reference }) => reference));
  clearAttemptCookies(res, cookies, presented);
  const unseen = await unseenSessions(services, ended, current?.id.browserId);

  const all = [...(current ? [{ slot: current.id.browserId, owner: current.session.owner }] : []), ...unseen];
  const endings = await Promise.all(all.map((actor) => endStoredSession(services, { ...actor, trace: res.locals })));
  if (current) dropSession(req);
  for (const { keys } of endings) services.metrics.recentConnections.forget(keys);
  return endings.flatMap(({ revocations }) => revocations);
}

/** Sessions that these attempts began a moment ago: the response that brings the browser its cookie may still be on its way. */
async function unseenSessions(
  { sessions, now }: Services,
  attempts: readonly StoredAttempt[],
  current: string | undefined,
): Promise<{ slot: string; owner: undefined }[]> {
  const begun = attempts.flatMap(({ pending: { session, taken } }) => {
    if (session !== null || !taken || taken.browserId === current) return [];
    const { finished } = taken;
    const isUnseen = !finished || finished.undelivered !== undefined || now() - finished.at < responseInTransitMs;
    return isUnseen ? [taken.browserId] : [];
  });
  const slots = [...new Set(begun)];
  const live = await Promise.all(slots.map((slot) => sessions.isLive(slot, undefined)));
  return slots.filter((_, index) => live[index]).map((slot) => ({ slot, owner: undefined }));
}
