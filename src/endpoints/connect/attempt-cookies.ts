import { createHash } from 'node:crypto';
import { parseCookie } from 'cookie';
import type { Request, Response } from 'express';
import { attemptLifeMs, formatReference, parseReference, type AttemptReference } from '../../connections/attempts.js';
import type { Provider } from '../../providers/provider.js';
import type { Cookies } from '../../sessions/cookies.js';

/*
 * Each attempt has a cookie of its own, so that two tabs can start two providers as a browser's very first act. Its name
 * is made of the state, so that a callback finds its own; where the state does not come back there is one name for the
 * provider, and the newest start takes it.
 */

export interface PresentedAttempt {
  name: string;
  reference: AttemptReference;
}

/** More than a person has open; older ones are let go so that the cookies do not outgrow a header. */
const most = 12;

/** The attempts whose cookies come with the request. */
export function presentedAttempts(req: Request, cookies: Cookies): PresentedAttempt[] {
  return Object.entries(parseCookie(req.headers.cookie ?? '')).flatMap(([name, value]) => {
    if (!name.startsWith(cookies.attemptPrefix)) return [];
    const reference = parseReference(value ?? '');
    return reference ? [{ name, reference }] : [];
  });
}

/** The name of the cookie of the attempt with this state. */
export function attemptCookieName(cookies: Cookies, provider: Provider, state: string): string {
  const label = createHash('sha256').update(state).digest('base64url').slice(0, 12);
  return cookies.attemptName(provider.id, provider.authorization.state === 'not_echoed' ? 'newest' : label);
}

/** Adds the attempt's cookie, which outlives its success so that a reload can be answered. Answers those let go for it. */
export function sendAttemptCookie(
  req: Request,
  res: Response,
  cookies: Cookies,
  name: string,
  reference: AttemptReference,
): PresentedAttempt[] {
  const presented = presentedAttempts(req, cookies);
  const replaced = presented.filter((each) => each.name === name);
  const others = presented
    .filter((each) => each.name !== name)
    .sort((a, b) => b.reference.startedAt - a.reference.startedAt);
  const dropped = others.slice(most - 1);
  for (const each of dropped) clearAttemptCookie(res, cookies, each.name);
  res.append('Set-Cookie', cookies.header(name, formatReference(reference), (2 * attemptLifeMs) / 1000));
  return [...replaced, ...dropped];
}

export function clearAttemptCookie(res: Response, cookies: Cookies, name: string): void {
  res.append('Set-Cookie', cookies.header(name, '', 0));
}
