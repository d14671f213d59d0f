import type { Request } from 'express';
import { GatehouseError } from '../../errors.js';
import { adoptSession } from '../../middleware/session.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { newSessionId, type SessionId } from '../../sessions/session-id.js';
import type { Session } from '../../sessions/session-record.js';
import type { Write } from '../../store/store.js';
import { rotationPauseMs, type KnownAttempt } from './find-attempt.js';

/**
 * Writes what a sign-in brought into the browser's session, in one step with the session itself: a new session where there
 * was none, the old one under a new id where there was (so that an id planted before is worth nothing), or the one that
 * another tab's callback began or renewed a moment ago. Answers the id that the browser is given with this answer, if any.
 * Throws GatehouseError state_unknown when the session ended meanwhile.
 */
export async function writeSession(
  { sessions, pending, now }: Pick<Services, 'sessions' | 'pending' | 'now'>,
  req: Request,
  provider: Provider,
  { stored, browserId, current, others }: KnownAttempt,
  writes: (session: Session, next?: SessionId) => readonly Write[],
): Promise<SessionId | undefined> {
  const moment = now();
  /** Another attempt of this very request began the session, or renewed it, while this one was at work. */
  const isSiblings = async (): Promise<boolean> => {
    for (const { reference } of others)
      if ((await pending.read(reference))?.pending.taken?.browserId === browserId) return true;
    return false;
  };
  if (current) {
    const cameAlong = stored.assigned !== undefined && current.session.rotatedAt >= stored.assigned.at;
    if (cameAlong && now() - current.session.rotatedAt < rotationPauseMs) {
      if (await sessions.writeIfLive(browserId, writes(current.session))) return undefined;
    } else {
      const session = { ...current.session, rotatedAt: moment };
      const id = await sessions.rotate(current.id, session, (next) => writes(session, next));
      if (id) {
        adoptSession(req, sessions, id, session);
        return id;
      }
      // Another tab renewed it while this callback was at work, and named this attempt as one of its browser's.
      const again = await pending.read(stored.reference);
      const replacedMeanwhile = again?.assigned?.to === browserId && now() - again.assigned.at < rotationPauseMs;
      if (replacedMeanwhile && (await isSiblings()) && (await sessions.writeIfLive(browserId, writes(current.session))))
        return undefined;
    }
  } else {
    const session: Session = { createdAt: moment, rotatedAt: moment };
    const id = newSessionId(browserId);
    if (await sessions.create(id, session, writes(session, id))) {
      adoptSession(req, sessions, id, session);
      return id;
    }
    if ((await isSiblings()) && (await sessions.writeIfLive(browserId, writes(session)))) return undefined;
  }
  throw new GatehouseError(
    'state_unknown',
    'The session ended while the sign-in was under way. Start again.',
    provider.id,
  );
}
