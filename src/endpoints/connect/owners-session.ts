import type { Holder } from '../../connections/holder.js';
import { enterSession } from '../../middleware/standing.js';
import { endStoredSession } from '../../sessions/end-stored-session.js';
import { newSessionId, type SessionId } from '../../sessions/session-id.js';
import type { Person, Session } from '../../sessions/session-record.js';
import type { Write } from '../../store/store.js';
import type { SignIn } from './sign-in.js';

/** Whether the browser's session still is this owner's, and the attempt still stands. */
export async function isStillOwners({ services, attempt, work }: SignIn, { slot }: Holder): Promise<boolean> {
  const { sessions, store } = services;
  return (await sessions.isLive(attempt.browserId, slot)) && (await store.commit([work.guard], []));
}

/**
 * The session of a person who has just signed in: the browser's own where it has no owner or has this one, else a new and empty
 * one. Undefined where the attempt or the session ended meanwhile.
 */
export async function beginOwnersSession(
  signIn: SignIn,
  { holder, person }: { holder: Holder; person: Person },
  finish: (next?: SessionId) => readonly Write[],
): Promise<{ id?: SessionId } | undefined> {
  const { services, req, res, attempt, work } = signIn;
  const { sessions, log, now } = services;
  const { current, browserId } = attempt;
  const named = { owner: holder.slot, person, rotatedAt: now() };
  const adopt = async (id: SessionId, session: Session): Promise<{ id: SessionId }> => {
    await enterSession(req, services, id, session);
    log.audit('session.owner_bound', { slot: id.browserId, owner: holder.slot, trace: res.locals });
    return { id };
  };
  if (current && (current.session.owner === undefined || current.session.owner === holder.slot)) {
    const session: Session = { ...current.session, ...named };
    const id = await sessions.rotate(current.id, session, finish, [work.guard]);
    return id && adopt(id, session);
  }
  const session: Session = { createdAt: now(), ...named };
  if (!current) {
    const id = newSessionId(browserId);
    if (await sessions.create(id, session, finish(id), [work.guard])) return adopt(id, session);
    // Another tab's sign-in of the same person has begun it a moment ago.
    return (await sessions.writeIfLive(browserId, holder.slot, finish(), [work.guard])) ? {} : undefined;
  }
  const id = newSessionId();
  if (!(await services.store.commit([work.guard], [])) || !(await sessions.create(id, session))) return undefined;
  await endStoredSession(services, { slot: current.id.browserId, owner: current.session.owner, trace: res.locals });
  return adopt(id, session);
}
