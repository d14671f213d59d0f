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
  /** The attempt has ended; the cookie is there for the way back to its callback. */
  isEnded: boolean;
}

/** More than a person has open. The oldest end when there are more, so that the cookies do not outgrow a header. */
export const maxAttempts = 12;
/** Cookies that one response removes: more of them would outgrow a header, too. */
const maxRemovals = 24;
/** Milliseconds for which a record of an attempt can be in the store. */
const recordLifeMs = 2 * attemptLifeMs;
/** Milliseconds by which the clocks of two hosts may differ. */
const toleranceMs = 60_000;
const endedMark = '.ended';
/** Seconds for which a browser remembers an attempt that has ended. */
const endedLifeSeconds = 86_400;

/** The attempts whose cookies come with the request, however many a stranger has planted: no store is asked. */
export function presentedAttempts(req: Request, cookies: Cookies): PresentedAttempt[] {
  return Object.entries(parseCookie(req.headers.cookie ?? '')).flatMap(([name, value = '']) => {
    if (!name.startsWith(cookies.attemptPrefix)) return [];
    const isEnded = value.endsWith(endedMark);
    const reference = parseReference(isEnded ? value.slice(0, -endedMark.length) : value);
    return reference ? [{ name, reference, isEnded }] : [];
  });
}

/** The few of them that the store is asked about: the newest whose records can be there. */
export function recentAttempts(presented: readonly PresentedAttempt[], now: number): PresentedAttempt[] {
  return presented
    .filter(({ reference: { startedAt } }) => startedAt > now - recordLifeMs && startedAt < now + toleranceMs)
    .sort((one, other) => other.reference.startedAt - one.reference.startedAt)
    .slice(0, maxAttempts);
}

/** The name of the cookie of the attempt with this state. */
export function attemptCookieName(cookies: Cookies, provider: Provider, state: string): string {
  const label = createHash('sha256').update(state).digest('base64url').slice(0, 12);
  return cookies.attemptName(provider.id, provider.authorization.state === 'not_echoed' ? 'newest' : label);
}

/** Adds the attempt's cookie, and removes the oldest ones for it. Returns the attempts that are to be ended. */
export function sendAttemptCookie(
  req: Request,
  res: Response,
  cookies: Cookies,
  { name, reference }: Omit<PresentedAttempt, 'isEnded'>,
): PresentedAttempt[] {
  const presented = presentedAttempts(req, cookies);
  const replaced = presented.filter((each) => each.name === name);
  const others = recentAttempts(
    presented.filter((each) => each.name !== name),
    reference.startedAt,
  );
  const kept = others.slice(0, maxAttempts - 1);
  const ended = presented.filter((each) => each.isEnded && !replaced.includes(each) && !kept.includes(each));
  const staying = [...replaced, ...kept, ...ended.slice(0, Math.max(0, maxAttempts - 1 - kept.length))];
  clearAttemptCookies(
    res,
    cookies,
    presented.filter((each) => !staying.includes(each)),
  );
  res.append('Set-Cookie', cookies.header(name, formatReference(reference), recordLifeMs / 1000));
  return [...replaced, ...others.slice(maxAttempts - 1)];
}

/** The attempt has ended. Its cookie stays for a day, so that the way back to its callback still leads home. */
export function sendEndedAttempt(res: Response, cookies: Cookies, { name, reference }: PresentedAttempt): void {
  const value = `${formatReference(reference)}${endedMark}`;
  res.append('Set-Cookie', cookies.header(name, value, endedLifeSeconds));
}

export function clearAttemptCookies(res: Response, cookies: Cookies, attempts: readonly PresentedAttempt[]): void {
  for (const { name } of attempts.slice(0, maxRemovals)) res.append('Set-Cookie', cookies.header(name, '', 0));
}
