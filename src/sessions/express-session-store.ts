import { RedisStore } from 'connect-redis';
import type { SessionData } from 'express-session';
import type { Sessions } from './sessions.js';
import { parseSessionId } from './session-id.js';
import type { Session as StoredSession } from './session-record.js';

declare module 'express-session' {
  interface SessionData {
    record?: StoredSession;
  }
}

/**
 * express-session's store: connect-redis over an adapter that speaks to Sessions, so that pages, the proxy and both kinds
 * of store keep to one set of rules. The adapter only ever updates a session that still is what the browser names;
 * sessions are started and ended by the endpoints alone, and the idle limit is moved by Sessions.touch.
 */
export function createExpressSessionStore(sessions: Sessions, now: () => number): RedisStore {
  const client = {
    get: async (key: string): Promise<string | null> => {
      const id = parseSessionId(key);
      const session = id && (await sessions.read(id));
      return session ? JSON.stringify(session) : null;
    },
    set: async (key: string, value: string): Promise<void> => {
      const id = parseSessionId(key);
      if (id) await sessions.update(id, JSON.parse(value) as StoredSession);
    },
    del: (): Promise<void> => Promise.resolve(),
  };
  return new RedisStore({ client, prefix: '', disableTouch: true, ttl: 60, serializer: serializer(now) });
}

/** The cookie's attributes are ours to know; the record does not repeat them. */
function serializer(now: () => number) {
  return {
    stringify: (data: SessionData): string => JSON.stringify(data.record ?? { createdAt: now() / 1000, renewedAt: 0 }),
    parse: (text: string): SessionData =>
      ({ cookie: { originalMaxAge: null }, record: JSON.parse(text) as StoredSession }) as StoredSessionData,
  };
}
