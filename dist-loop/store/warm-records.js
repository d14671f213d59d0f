export function createWarmRecords(options) {
    const { maxAgeMs, maxEntries = 10_000, clock = () => performance.now() } = options;
    const entries = new Map();
    const underWay = new Set();
    const spoil = (key) => {
        entries.delete(key);
        for (const reading of underWay)
            if (reading.keys.includes(key))
                reading.spoiled = true;
    };
    return {
        recall(keys) {
            const oldest = clock() - maxAgeMs;
            const values = [];
            for (const key of keys) {
                const entry = entries.get(key);
                if (entry === undefined || entry.readAt < oldest)
                    return undefined;
                values.push(entry.value);
            }
            return values;
        },
        begin(keys) {
            const reading = { keys, spoiled: false };
            underWay.add(reading);
            return reading;
        },
        finish(reading, values) {
            underWay.delete(reading);
            if (reading.spoiled)
                return;
            const readAt = clock();
            for (const [index, key] of reading.keys.entries()) {
                const value = values[index];
                entries.delete(key);
                if (value !== undefined)
                    entries.set(key, { value, readAt });
            }
            for (const oldest of entries.keys()) {
                if (entries.size <= maxEntries)
                    break;
                entries.delete(oldest);
            }
        },
        changed(keys) {
            if (keys !== undefined) {
                keys.forEach(spoil);
                return;
            }
            entries.clear();
            for (const reading of underWay)
                reading.spoiled = true;
        },
    };
}
