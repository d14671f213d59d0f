/** Counts calls in fixed windows, a counter per key. */
export function rateCounter(clock, { limit, window }) {
    const windows = new Map();
    return (key) => {
        const now = clock.seconds();
        const known = windows.get(key);
        const current = known && known.start <= now && now < known.start + window ? known : { start: now, used: 0 };
        current.used += 1;
        windows.set(key, current);
        const remaining = Math.max(0, limit - current.used);
        return { limit, remaining, reset: current.start + window - now, exceeded: current.used > limit };
    };
}
