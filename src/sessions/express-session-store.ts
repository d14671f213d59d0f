import { RedisStore } from 'connect-redis';
import { Cookie, type CookieOptions, type SessionData } from 'express-session';
import { parseSessionId } from './session-id.js';
import type { Session as SessionRecord } from './session-record.js';
import type { Sessions } from './sessions.js';

declare module 'express-session' {
  interface SessionData {
    record?: SessionRecord;
    /** Set so that the cookie is sent again, signed with the first secret. */
    signedAgain?: boolean;
  }
}

/**
 * express-session's store: connect-redis over an adapter that speaks to Sessions, so that pages, the proxy and both kinds
 * of store keep to one set of rules. The adapter only ever updates a session that still is what the browser names;
 * sessions are started and ended by the endpoints alone, and the idle limit is moved by Sessions.touch.
 */
export function createExpressSessionStore(sessions: Sessions, cookieOptions: CookieOptions): RedisStore {
  const client = {
    get: async (key: string): Promise<string | null> => {
      const id = parseSessionId(key);
      const record = id && (await sessions.read(id));
      return record ? JSON.stringify(record) : null;
    },
    set: async (key: string, value: string): Promise<void> => {
      const id = parseSessionId(key);
      const record = JSON.parse(value) as SessionRecord | null;
      // The endpoints have written what matters already; a store that fails here must not spoil an answer under way.
      if (id && record) await sessions.update(id, record).catch(() => false);
    },
    del: (): Promise<void> => Promise.resolve(),
  };
  const serializer = {
    stringify: ({ record }: SessionData): string => JSON.stringify(record ?? null),
    // The cookie's attributes are ours to know; the record does not repeat them.
    parse: (text: string): SessionData => {
      const record = JSON.parse(text) as SessionRecord;
      const maxAge = sessions.remaining(record).expiresIn * 1000;
      return { cookie: Object.assign(new Cookie(), cookieOptions, { maxAge }), record };
    },
  };
  return new RedisStore({ client, prefix: '', disableTouch: true, ttl: 60, serializer });
}
