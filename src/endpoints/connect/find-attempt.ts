import type { Request } from 'express';
import { GatehouseError } from '../../errors.js';
import { attemptLifeMs, type StoredAttempt, type TakenAttempt } from '../../connections/attempts.js';
import { currentSession } from '../../middleware/session.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { isSameSecret } from '../../is-same-secret.js';
import { newBrowserId, type SessionId } from '../../sessions/session-id.js';
import type { Session } from '../../sessions/session-record.js';
import { isOwnState } from './state.js';
import {
  attemptCookieName,
  maxAttempts,
  presentedAttempts,
  recentAttempts,
  type PresentedAttempt,
} from './attempt-cookies.js';
import type { AuthorizationResponse } from '../../oauth/authorization-response.js';

type Dependencies = Pick<Services, 'configuration' | 'pending' | 'cookies' | 'sessions' | 'now'>;

/** An attempt of this very browser, unexpired, for this provider and this state. */
export interface KnownAttempt {
  stored: StoredAttempt;
  presented: PresentedAttempt;
  /** The session that it will end up in. */
  browserId: string;
  /** The session that the browser presented. */
  current?: { id: SessionId; session: Session };
  /** Other attempts of this browser, which come along into the same session. */
  others: readonly StoredAttempt[];
}

/** An attempt of this browser of which nothing is stored any more. */
export type EndedAttempt = 'ended';

/** Milliseconds in which a rotated session is not rotated again for an attempt that came along. */
export const rotationPauseMs = 60_000;

/** Milliseconds in which the response that brings a browser its session may cross its next request. */
export const responseInTransitMs = 5_000;

/** Finds the attempt that a callback belongs to. Throws GatehouseError state_unknown or state_expired; nothing is spent. */
export async function findAttempt(
  { configuration, pending, cookies, sessions, now }: Dependencies,
  req: Request,
  provider: Provider,
  response: AuthorizationResponse,
): Promise<KnownAttempt | EndedAttempt> {
  const { state } = response;
  const echoed = provider.authorization.state === 'required';
  const cookieName = attemptCookieName(cookies, provider, state ?? '');
  const all = presentedAttempts(req, cookies);
  const mine = echoed && !state ? undefined : all.find(({ name }) => name === cookieName);
  const isOwn = isOwnState(configuration.sessionSecrets, req, provider, state);
  if (!mine && isOwn) return 'ended';
  if (!mine) throw unknown(provider);

  const current = currentSession(req);
  const besides = recentAttempts(
    all.filter((each) => each !== mine),
    now(),
  ).slice(0, maxAttempts - 1);
  const read = await pending.readAll(
    [mine, ...besides].map(({ reference }) => reference),
    current?.id.browserId,
  );
  const stored = read.find(({ reference }) => reference === mine.reference);
  const others = read.filter((each) => each !== stored);
  // The name of the cookie is made of the state, where the state comes back.
  // A record is there for ten minutes at least: one that is missing sooner was lost.
  const isOld = now() - mine.reference.startedAt > attemptLifeMs;
  if (!stored && ((isOwn && isOld) || (mine.isEnded && (echoed || state === undefined)))) return 'ended';
  if (stored?.pending.provider !== provider.id) throw unknown(provider);
  if (state !== undefined && !isSameSecret(state, stored.pending.secrets.state)) throw unknown(provider);
  if (!stored.pending.taken && now() - stored.pending.createdAt > attemptLifeMs)
    throw new GatehouseError(
      'state_expired',
      'More than ten minutes have passed since it was started. Start again.',
      provider.id,
    );

  const known = { stored, presented: mine, others, ...(current ? { current } : {}) };
  if (stored.pending.taken) return { ...known, browserId: stored.pending.taken.browserId };
  if (current && current.session.owner !== stored.pending.owner) throw unknown(provider);
  const browserId = await browserIdToUse(sessions, now, stored, others, current?.id.browserId);
  if (browserId === undefined) throw unknown(provider);
  return { ...known, browserId };
}

/**
 * The browser id of the session that the attempt belongs to; undefined where the browser's session is another one than that in
 * which it was started: somebody logged out, or somebody else came. Two callbacks at the same moment, each with both
 * cookies and no session, must name the same one: one that is just begun, else the first by name. A session that lives
 * already is somebody else's, unless an attempt whose cookie is here, too, began it a moment ago.
 */
async function browserIdToUse(
  sessions: Dependencies['sessions'],
  now: () => number,
  { reference, pending: { session, createdAt, owner }, assigned }: StoredAttempt,
  others: readonly StoredAttempt[],
  current: string | undefined,
): Promise<string | undefined> {
  const isSiblings = (browserId: string) =>
    others.some(
      ({ pending: { taken } }) =>
        taken?.browserId === browserId && (!taken.finished || now() - taken.finished.at < responseInTransitMs),
    );
  if (session !== null) {
    if (current === session) return session;
    // Rotated a moment ago by another tab's callback, which this attempt came along with, as that tab's comes along here.
    const cameAlong = assigned?.to === session && now() - assigned.at < rotationPauseMs && isSiblings(session);
    return current === undefined && cameAlong && (await sessions.exists(session)) ? session : undefined;
  }
  const anonymous = others.filter((other) => other.pending.session === null);
  const begun = assigned
    ? [assigned.to]
    : anonymous.flatMap(({ pending: { taken } }) => (taken && !endedBefore(taken, createdAt) ? taken.browserId : []));
  const waiting = anonymous.filter(({ pending }) => !pending.taken);
  const first = [
    reference.browserId,
    ...waiting.map((other) => other.assigned?.to ?? other.reference.browserId),
  ].sort()[0];
  if (current !== undefined)
    return [...begun, ...(begun.length > 0 ? [] : [first])].find((browserId) => browserId === current);
  for (const browserId of begun)
    if (isSiblings(browserId) && (await sessions.isOpen(browserId, owner, rotationPauseMs))) return browserId;
  return first !== undefined && (await sessions.exists(first)) ? newBrowserId() : first;
}

/** A browser that starts after another attempt ended, and without its session, has lost that session. */
function endedBefore({ finished }: TakenAttempt, moment: number): boolean {
  return finished !== undefined && finished.at < moment;
}

function unknown(provider: Provider): GatehouseError {
  return new GatehouseError(
    'state_unknown',
    'It was not started in this browser and session, is finished already, or was replaced by a newer start. Start again.',
    provider.id,
  );
}
