import { pauseKey } from '../store/keys.js';
const memory = 600_000;
export function readPause(value) {
    if (!value)
        return undefined;
    const [count, until, kind] = value.toString('latin1').split(' ');
    return { count: Number(count), until: Number(until), kind: kind === 'configuration' ? kind : 'transient' };
}
/** Doubles from one second to a minute, with a little chance in it so that many do not come back at once; obeys Retry-After. */
export function nextPause(before, kind, now, retryAfter = 0) {
    const count = (before?.count ?? 0) + 1;
    const doubled = Math.min(60_000, 1000 * 2 ** Math.min(count - 1, 6));
    const first = kind === 'configuration' ? 30_000 : doubled;
    const wait = Math.max(first * (0.75 + Math.random() / 2), retryAfter * 1000);
    return { count, until: Math.ceil(now + wait), kind };
}
/** False when a guard did not hold. */
export function writePause(store, tag, provider, pause, now, guards) {
    const value = Buffer.from(`${pause.count} ${pause.until} ${pause.kind}`, 'latin1');
    const ttlMs = Math.max(1, Math.ceil(pause.until - now)) + memory;
    return store.commit(guards, [{ key: pauseKey(tag, provider), value, ttlMs }]);
}
