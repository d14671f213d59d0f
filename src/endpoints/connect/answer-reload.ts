import { setTimeout as wait } from 'node:timers/promises';
import type { Request } from 'express';
import type { Addresses } from '../../config/addresses.js';
import { reloadLifeMs } from '../../connections/attempts.js';
import { meantBy } from '../../connections/held-connections.js';
import { GatehouseError } from '../../errors.js';
import { currentHolder, enterSession } from '../../middleware/standing.js';
import type { AuthorizationResponse } from '../../oauth/authorization-response.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { parseSessionId } from '../../sessions/session-id.js';
import type { KnownAttempt } from './find-attempt.js';
import { isOwnState } from './state.js';
import { withOutcome } from '../request/return-to.js';

type Dependencies = Services & { addresses: Addresses };

/**
 * A reload: the first callback may still be at work; its outcome is waited for as long as the process that works on it
 * lives, and nothing is exchanged again.
 */
export async function answerReload(
  services: Dependencies,
  req: Request,
  provider: Provider,
  { stored, current }: KnownAttempt,
  { state }: AuthorizationResponse,
  answer: string,
): Promise<string> {
  const { configuration, pending, now } = services;
  for (let tries = 0; tries < 250; tries += 1) {
    const attempt = await pending.read(stored.reference);
    // It ended in a failure, or with the session.
    if (!attempt && isOwnState(configuration.sessionSecrets, req, provider, state))
      return whatIsTrue(services, req, provider);
    const taken = attempt?.pending.taken;
    if (taken?.answer !== answer) break;
    const { finished } = taken;
    if (finished && now() - finished.at > reloadLifeMs) return whatIsTrue(services, req, provider);
    if (finished?.undelivered !== undefined && !current) await handOver(services, req, stored, finished.undelivered);
    if (finished)
      return (
        (await confirmedMeanwhile(services, provider, taken.browserId, stored, finished.location)) ?? finished.location
      );
    // The records of a person are stored before the attempt says so.
    if (attempt?.atWork === false && configuration.ownership && currentHolder(req))
      return whatIsTrue(services, req, provider);
    if (attempt?.atWork === false) throw interrupted(provider);
    await wait(100);
  }
  throw new GatehouseError('state_unknown', 'This sign-in is finished already. Start again.', provider.id);
}

/**
 * Home, for a callback whose attempt has ended: a reload after more than ten minutes or after a refusal, or the back
 * button. What counts is what the browser's session holds now, and not what the attempt came to then.
 */
export async function whatIsTrue({ held, addresses }: Dependencies, req: Request, provider: Provider): Promise<string> {
  const holder = currentHolder(req);
  const there = holder ? meantBy(await held.read(holder.slot), { provider }) : [];
  const [usable, ...others] = there.filter(({ connection }) => connection?.tokens && !connection.refused);
  // Which of several it was is not known any longer.
  const which = usable && others.length === 0 ? { connection: usable.id } : {};
  if (usable) return withOutcome(addresses.home, { connected: provider.id, ...which });
  const requestId = req.res?.locals.requestId ?? '';
  return withOutcome(addresses.home, { connect_error: 'state_unknown', request_id: requestId });
}

/** The process that worked on it is gone, and whether the code was spent cannot be known: it is not sent again. */
function interrupted(provider: Provider): GatehouseError {
  return new GatehouseError(
    'state_unknown',
    'It was broken off on this side before it was finished. Start again.',
    provider.id,
  );
}

/** After the account was confirmed a reload leads to where the confirmation led. */
async function confirmedMeanwhile(
  { candidates, held }: Services,
  provider: Provider,
  browserId: string,
  { pending: { returnTo } }: KnownAttempt['stored'],
  location: string,
): Promise<string | undefined> {
  if (await candidates.read(browserId, provider.id)) return undefined;
  if (new URL(location).searchParams.has('connected')) return undefined;
  const [one, ...others] = meantBy(await held.read(browserId), { provider });
  return (
    one && withOutcome(returnTo, { connected: provider.id, ...(others.length === 0 ? { connection: one.id } : {}) })
  );
}

/** The browser went away before it was given its session, and came back with the same response: it gets a new id, once. */
async function handOver(
  { sessions, holders }: Services,
  req: Request,
  { pending: { owner } }: KnownAttempt['stored'],
  undelivered: string,
): Promise<void> {
  const id = parseSessionId(undelivered);
  const session = id && (await sessions.read(id));
  if (!session || session.owner !== owner) return;
  const next = await sessions.rotate(id, session);
  if (next) await enterSession(req, { sessions, holders }, next, session);
}
