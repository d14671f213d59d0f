import { RedisStore } from 'connect-redis';
import { Cookie } from 'express-session';
import { parseSessionId } from './session-id.js';
/**
 * express-session's store: connect-redis over an adapter that speaks to Sessions, so that pages, the proxy and both kinds
 * of store keep to one set of rules. The adapter only ever updates a session that still is what the browser names;
 * sessions are started and ended by the endpoints alone, and the idle limit is moved by Sessions.touch.
 */
export function createExpressSessionStore(sessions, cookieOptions) {
    const client = {
        get: async (key) => {
            const id = parseSessionId(key);
            const record = id && (await sessions.read(id));
            return record ? JSON.stringify(record) : null;
        },
        set: async (key, value) => {
            const id = parseSessionId(key);
            const record = JSON.parse(value);
            // The endpoints have written what matters already; a store that fails here must not spoil an answer under way.
            if (id && record)
                await sessions.update(id, record).catch(() => false);
        },
        del: () => Promise.resolve(),
    };
    const serializer = {
        stringify: ({ record }) => JSON.stringify(record ?? null),
        // The cookie's attributes are ours to know; the record does not repeat them.
        parse: (text) => {
            const record = JSON.parse(text);
            const maxAge = sessions.remaining(record).expiresIn * 1000;
            return { cookie: Object.assign(new Cookie(), cookieOptions, { maxAge }), record };
        },
    };
    return new RedisStore({ client, prefix: '', disableTouch: true, ttl: 60, serializer });
}
