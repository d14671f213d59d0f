import { createHash, randomBytes } from 'node:crypto';
import { attemptKey, carriedKey } from '../store/keys.js';
/** Milliseconds in which a sign-in must be finished. */
export const attemptLife = 600_000;
/** Milliseconds for which a finished one answers a reload. */
export const afterlife = 600_000;
export function createPendingAuthorizations({ store, vault, now, }) {
    const put = (key, pending) => ({ key, value: vault.seal(key, pending) });
    const keyOf = ({ tag, id }) => attemptKey(tag, hash(id));
    const carriedKeyOf = ({ tag, id }) => carriedKey(tag, hash(id));
    const finishing = ({ reference, pending }, taken) => ({
        ...put(keyOf(reference), { ...pending, secrets: { state: pending.secrets.state }, taken }),
        ttlMs: afterlife,
    });
    return {
        start: async (tag, pending) => {
            const reference = { tag, id: randomBytes(16).toString('base64url'), startedAt: pending.createdAt };
            await store.commit([], [{ ...put(keyOf(reference), pending), ttlMs: attemptLife + afterlife }]);
            return reference;
        },
        read: async (reference) => {
            const key = keyOf(reference);
            const [sealed, carried] = await store.getMany([key, carriedKeyOf(reference)]);
            const pending = sealed && vault.open(key, sealed)?.value;
            if (!sealed || !pending)
                return undefined;
            const [to, at] = carried?.toString('latin1').split(' ') ?? [];
            return { reference, sealed, pending, ...(to === undefined ? {} : { carried: { to, at: Number(at) } }) };
        },
        take: ({ reference, sealed, pending }, taken) => {
            const key = keyOf(reference);
            return store.commit([{ key, equals: sealed }], [{ ...put(key, { ...pending, taken }), ttlMs: attemptLife + afterlife }]);
        },
        finish: async (stored, taken) => {
            await store.commit([{ key: keyOf(stored.reference), exists: true }], [finishing(stored, taken)]);
        },
        finishing,
        carry: async ({ reference }, session) => {
            const value = Buffer.from(`${session} ${now()}`, 'latin1');
            await store.commit([], [{ key: carriedKeyOf(reference), value, ttlMs: attemptLife + afterlife }]);
        },
        forget: async (references) => {
            for (const reference of references)
                await store.commit([], [
                    { key: keyOf(reference), delete: true },
                    { key: carriedKeyOf(reference), delete: true },
                ]);
        },
    };
}
export function formatReference({ tag, id, startedAt }) {
    return `${tag}.${id}.${startedAt.toString(36)}`;
}
export function parseReference(value) {
    const [, tag, id, startedAt] = /^([\w-]{22})\.([\w-]{22})\.([\da-z]{1,11})$/.exec(value) ?? [];
    if (tag === undefined || id === undefined || startedAt === undefined)
        return undefined;
    return { tag, id, startedAt: parseInt(startedAt, 36) };
}
function hash(id) {
    return createHash('sha256').update(id, 'ascii').digest('base64url');
}
