import type { Request, RequestHandler } from 'express';
import expressSession, { type CookieOptions } from 'express-session';
import type { Cookies } from '../sessions/cookies.js';
import { createExpressSessionStore } from '../sessions/express-session-store.js';
import { formatSessionId, newSessionId, parseSessionId, type SessionId } from '../sessions/session-id.js';
import type { Session } from '../sessions/session-record.js';
import type { Sessions } from '../sessions/sessions.js';

interface Dependencies {
  sessions: Sessions;
  cookies: Cookies;
  /** The first signs, all verify. */
  secrets: readonly string[];
}

/** The id that express-session is to give the request's next session. */
const nextIds = new WeakMap<object, SessionId>();

/**
 * express-session for pages and the API. It reads the session, sends its cookie and signs it again after a change of
 * secrets; it never starts one by itself. Calls through the proxy read the same cookie and record without it.
 */
export function sessionMiddleware({ sessions, cookies, secrets }: Dependencies): RequestHandler[] {
  const cookie: CookieOptions = { path: '/', httpOnly: true, sameSite: 'lax', secure: cookies.secure };
  const load = expressSession({
    name: cookies.sessionName,
    secret: [...secrets],
    store: createExpressSessionStore(sessions, cookie),
    genid: (req) => formatSessionId(nextIds.get(req) ?? newSessionId()),
    cookie,
    resave: false,
    saveUninitialized: false,
    proxy: undefined,
  });

  const secure: RequestHandler = (req, _res, next) => {
    // TLS may end in front of us: what is secure follows PUBLIC_URL, not the socket.
    if (cookies.secure) Object.defineProperty(req, 'secure', { value: true });
    next();
  };

  const onlyOurs: RequestHandler = ({ headers }, _res, next) => {
    // express-session would take the first of two cookies, and one of any length.
    if (headers.cookie !== undefined && !cookies.sessionId(headers.cookie))
      headers.cookie = cookies.withoutSession(headers.cookie);
    next();
  };

  const keepAlive: RequestHandler = (req, _res, next) => {
    const current = currentSession(req);
    if (current) {
      sessions.touch(current.id.browserId, current.session);
      if (cookies.sessionId(req.headers.cookie)?.signedByFirst === false) req.session.signedAgain = true;
    }
    next();
  };
  return [secure, onlyOurs, load, keepAlive];
}

export interface CurrentSession {
  id: SessionId;
  session: Session;
}

/** The session that the request's cookie opened; undefined for a visitor without one. */
export function currentSession(req: Request): CurrentSession | undefined {
  const session = (req.session as Request['session'] | undefined)?.record;
  const id = parseSessionId(req.sessionID);
  return session && id ? { id, session } : undefined;
}

/** From here on the request belongs to this session; express-session sends its cookie with the answer. */
export function adoptSession(req: Request, sessions: Sessions, id: SessionId, session: Session): void {
  nextIds.set(req, id);
  req.sessionStore.generate(req);
  req.session.record = session;
  req.session.cookie.maxAge = sessions.remaining(session).expiresIn * 1000;
}

/** The request's session has ended: nothing is saved any more. */
export function dropSession(req: Request): void {
  (req as { session: unknown }).session = null;
}
