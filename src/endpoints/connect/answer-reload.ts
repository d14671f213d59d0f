import { setTimeout as wait } from 'node:timers/promises';
import type { Request } from 'express';
import { reloadLifeMs } from '../../connections/attempts.js';
import { GatehouseError } from '../../errors.js';
import { adoptSession } from '../../middleware/session.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { parseSessionId } from '../../sessions/session-id.js';
import type { KnownAttempt } from './find-attempt.js';
import { withOutcome } from '../request/return-to.js';

/**
 * A reload: the first callback may still be at work; its outcome is waited for as long as the process that works on it
 * lives, and nothing is exchanged again.
 */
export async function answerReload(
  services: Services,
  req: Request,
  provider: Provider,
  { stored, current }: KnownAttempt,
  answer: string,
): Promise<string> {
  const { pending, now } = services;
  for (let tries = 0; tries < 250; tries += 1) {
    const attempt = await pending.read(stored.reference);
    const taken = attempt?.pending.taken;
    if (taken?.answer !== answer) break;
    const { finished } = taken;
    if (finished && now() - finished.at > reloadLifeMs) break;
    if (finished?.undelivered !== undefined && !current) await handOver(services, req, finished.undelivered);
    if (finished) return (await confirmedMeanwhile(services, provider, taken.browserId, stored)) ?? finished.location;
    if (attempt?.atWork === false) throw interrupted(provider);
    await wait(100);
  }
  throw new GatehouseError('state_unknown', 'This sign-in is finished already. Start again.', provider.id);
}

/** The process that worked on it is gone, and nobody knows whether the code was spent: it is not sent again. */
function interrupted(provider: Provider): GatehouseError {
  return new GatehouseError(
    'state_unknown',
    'It was broken off on this side before it was finished. Start again.',
    provider.id,
  );
}

/** After the account was confirmed a reload leads to where the confirmation led. */
async function confirmedMeanwhile(
  { candidates, connections }: Services,
  provider: Provider,
  browserId: string,
  { pending: { returnTo } }: KnownAttempt['stored'],
): Promise<string | undefined> {
  if (await candidates.read(browserId, provider.id)) return undefined;
  const connected = (await connections.read(browserId, provider.id)) !== undefined;
  return connected ? withOutcome(returnTo, { connected: provider.id }) : undefined;
}

/** The browser went away before it was given its session, and came back with the same answer: it gets a new id, once. */
async function handOver({ sessions }: Services, req: Request, undelivered: string): Promise<void> {
  const id = parseSessionId(undelivered);
  const session = id && (await sessions.read(id));
  const next = session && (await sessions.rotate(id, session, () => []));
  if (next) adoptSession(req, sessions, next, session);
}
