import { GatehouseError } from '../../errors.js';
import type { Provider } from '../../providers/provider.js';
import { enterSession } from '../../middleware/standing.js';
import { newSessionId, type SessionId } from '../../sessions/session-id.js';
import type { Session } from '../../sessions/session-record.js';
import type { Guard, Write } from '../../store/store.js';
import type { SignIn } from './sign-in.js';
import { rotationPauseMs } from './find-attempt.js';

/**
 * Writes what a sign-in brought into the browser's session, in one step with the session itself: a new session where there
 * was none, the old one under a new id where there was (so that an id planted before is worth nothing), or the one that
 * another tab's callback began or rotated a moment ago. Each of these steps requires that the attempt still stands.
 * Returns the id that the browser is given with this response, if any. Throws GatehouseError state_unknown when the
 * attempt or the session ended meanwhile.
 */
export async function writeSession(
  signIn: SignIn,
  writes: (session: Session, next?: SessionId) => readonly Write[],
  further: readonly Guard[],
): Promise<SessionId | undefined> {
  const { services, req, provider, attempt, work } = signIn;
  const { sessions, now } = services;
  const { browserId, current, stored } = attempt;
  const guards = [work.guard, ...further];
  const moment = now();
  const session: Session = current
    ? { ...current.session, rotatedAt: moment }
    : { createdAt: moment, rotatedAt: moment };
  const isRotated = current !== undefined && wasJustRotated(signIn, current.session);

  if (current && !isRotated) {
    const id = await sessions.rotate(current.id, session, (next) => writes(session, next), guards);
    if (id) {
      await enterSession(req, services, id, session);
      return id;
    }
  }
  if (!current) {
    const id = newSessionId(browserId);
    if (await sessions.create(id, session, writes(session, id), guards)) {
      await enterSession(req, services, id, session);
      return id;
    }
  }
  const mayJoin = isRotated || (await isOfAnotherTab(signIn));
  if (mayJoin && (await sessions.writeIfLive(browserId, stored.pending.owner, writes(session), guards)))
    return undefined;
  throw interruptedMeanwhile(provider);
}

export function interruptedMeanwhile(provider: Provider): GatehouseError {
  return new GatehouseError(
    'state_unknown',
    'The session or the sign-in ended while the sign-in was under way. Start again.',
    provider.id,
  );
}

/** Another tab's callback rotated the session that this attempt was assigned to: its response may not have arrived yet. */
function wasJustRotated({ services: { now }, attempt: { stored } }: SignIn, session: Session): boolean {
  const { assigned } = stored;
  return assigned !== undefined && session.rotatedAt >= assigned.at && now() - session.rotatedAt < rotationPauseMs;
}

/** Another attempt of this very request began the session, or rotated it, while this one was at work. */
async function isOfAnotherTab({ services: { pending, now }, attempt }: SignIn): Promise<boolean> {
  const { browserId, current, others, stored } = attempt;
  const references = [stored, ...others].map(({ reference }) => reference);
  const read = await pending.readAll(references, current?.id.browserId);
  if (current) {
    const assigned = read.find(({ reference }) => reference === stored.reference)?.assigned;
    if (assigned?.to !== browserId || now() - assigned.at >= rotationPauseMs) return false;
  }
  return read.some(
    ({ reference, pending: { taken } }) => reference !== stored.reference && taken?.browserId === browserId,
  );
}
