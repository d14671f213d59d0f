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

/** Who signs in, and by whose records. */
export interface SignsIn {
  holder: Holder;
  person: Person;
}

/**
 * The session of a person who has just signed in: the browser's own where it has no owner or has this one, else a new and empty
 * one. Undefined where the attempt or the session ended meanwhile, or the person was logged out at the provider.
 */
export async function beginOwnersSession(
  signIn: SignIn,
  signsIn: SignsIn,
  finish: (next?: SessionId) => readonly Write[],
): Promise<{ id?: SessionId } | undefined> {
  const { services, attempt, work } = signIn;
  const { sessions, signedIn, now } = services;
  const { current, browserId } = attempt;
  const { holder, person } = signsIn;
  const named = { owner: holder.slot, person, rotatedAt: now() };
  const list = (browser: string) => signedIn.add(holder.slot, person, browser);
  if (current && (current.session.owner === undefined || current.session.owner === holder.slot)) {
    const session: Session = { ...current.session, ...named };
    if (!(await list(current.id.browserId))) return undefined;
    const id = await sessions.rotate(current.id, session, finish, [work.guard]);
    return id && enter(signIn, signsIn, id, session);
  }
  const session: Session = { createdAt: now(), ...named };
  if (!current) {
    const id = newSessionId(browserId);
    if (!(await list(browserId))) return undefined;
    if (await sessions.create(id, session, finish(id), [work.guard])) return enter(signIn, signsIn, id, session);
    // Another tab's sign-in of the same person has begun it a moment ago.
    return (await sessions.writeIfLive(browserId, holder.slot, finish(), [work.guard])) ? {} : undefined;
  }
  const id = newSessionId();
  if (!(await list(id.browserId))) return undefined;
  if (!(await services.store.commit([work.guard], [])) || !(await sessions.create(id, session))) return undefined;
  await end(signIn, current.id.browserId, current.session.owner);
  return enter(signIn, signsIn, id, session);
}

/** The session is written. A logout at the provider that came meanwhile did not find it, and ends it now. */
async function enter(
  signIn: SignIn,
  { holder, person }: SignsIn,
  id: SessionId,
  session: Session,
): Promise<{ id: SessionId } | undefined> {
  const { services, req, res } = signIn;
  if (!(await services.signedIn.mayStay(person))) {
    await end(signIn, id.browserId, holder.slot);
    return undefined;
  }
  await enterSession(req, services, id, session);
  services.log.audit('session.owner_bound', { slot: id.browserId, owner: holder.slot, trace: res.locals });
  return { id };
}

async function end({ services, res }: SignIn, slot: string, owner: string | undefined): Promise<void> {
  await endStoredSession(services, { slot, owner, trace: res.locals });
}
