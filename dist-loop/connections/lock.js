import { randomBytes } from 'node:crypto';
import { lockKey } from '../store/keys.js';
/** Milliseconds that a lock outlives its holder. Above the deadline of a token call, so that it never ends during one. */
export const lockLife = 15_000;
const renewEvery = 5_000;
/**
 * Takes the lock on one connection's refresh, for all processes, or answers undefined when another holds it. It is
 * renewed while held and released by its owner alone; a killed holder's lock ends by itself.
 */
export async function takeLock(store, tag, provider) {
    const key = lockKey(tag, provider);
    const owner = randomBytes(16);
    const guard = { key, equals: owner };
    const mine = [guard];
    if (!(await store.commit([{ key, exists: false }], [{ key, value: owner, ttlMs: lockLife }])))
        return undefined;
    const renewal = setInterval(() => {
        store.commit(mine, [{ key, ttlMs: lockLife }]).catch(() => undefined);
    }, renewEvery);
    renewal.unref();
    return {
        guard,
        confirm: () => store.commit(mine, [{ key, ttlMs: lockLife }]),
        release: async () => {
            clearInterval(renewal);
            await store.commit(mine, [{ key, delete: true }]).catch(() => undefined);
        },
    };
}
