import { connectionKey, sessionKey } from '../store/keys.js';
import { newSessionId } from './session-id.js';
import { decodeSession, encodeSession, readStored, secretPrefix } from './session-record.js';
export function createSessions({ store, now, idleSeconds, maxSeconds, recordKeys, passingKeys }) {
    const absoluteLeft = ({ createdAt }) => createdAt + maxSeconds - now() / 1000;
    const lifetime = (session) => Math.max(1, Math.ceil(Math.min(idleSeconds, absoluteLeft(session)) * 1000));
    const live = (id, record) => {
        const session = record && decodeSession(id, record);
        return session && absoluteLeft(session) > 0 ? session : undefined;
    };
    const write = (id, session) => ({
        key: sessionKey(id.tag),
        value: encodeSession(id, session),
        ttlMs: lifetime(session),
    });
    const touched = new Map();
    const touchPause = Math.min(60_000, idleSeconds * 100);
    return {
        read: async (id) => live(id, await store.get(sessionKey(id.tag))),
        readWith: async (id, provider) => {
            const [first, record] = await store.recall([sessionKey(id.tag), connectionKey(id.tag, provider)]);
            const session = live(id, first);
            return { session, record: session && record };
        },
        exists: async (tag) => (await store.get(sessionKey(tag))) !== undefined,
        isOpen: async (tag, seconds) => {
            const key = sessionKey(tag);
            if (await store.commit([{ key, exists: false }], []))
                return true;
            const record = await store.get(key);
            const renewedAt = record && readStored(record)?.renewedAt;
            return renewedAt !== undefined && now() / 1000 - renewedAt < seconds;
        },
        update: (id, session) => store.commit([{ key: sessionKey(id.tag), startsWith: secretPrefix(id) }], [write(id, session)]),
        found: (id, session, writes) => store.commit([{ key: sessionKey(id.tag), exists: false }], [write(id, session), ...writes]),
        renew: async (id, session, writes) => {
            const next = newSessionId(id.tag);
            const done = await store.commit([{ key: sessionKey(id.tag), startsWith: secretPrefix(id) }], [write(next, session), ...writes(next)]);
            return done ? next : undefined;
        },
        join: (tag, writes, guards = []) => store.commit([{ key: sessionKey(tag), exists: true }, ...guards], writes),
        touch: (tag, session) => {
            const last = touched.get(tag);
            if (last !== undefined && now() - last < touchPause)
                return;
            if (touched.size > 50_000)
                touched.clear();
            touched.set(tag, now());
            const ttlMs = lifetime(session);
            const keys = [sessionKey(tag), ...recordKeys(tag)];
            store
                .commit([], keys.map((key) => ({ key, ttlMs })))
                .catch(() => touched.delete(tag));
        },
        end: async (tag) => {
            touched.delete(tag);
            const keys = [sessionKey(tag), ...recordKeys(tag), ...passingKeys(tag)];
            await store.commit([], keys.map((key) => ({ key, delete: true })));
        },
        lifetime,
        remaining: (session) => ({
            expiresIn: Math.max(0, Math.floor(absoluteLeft(session))),
            idleExpiresIn: Math.max(0, Math.floor(lifetime(session) / 1000)),
        }),
    };
}
