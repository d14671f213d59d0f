/** A read on its way, which a change meanwhile spoils. */
export interface Reading {
  readonly keys: readonly string[];
  spoiled: boolean;
}

/**
 * Values as they were last read, in memory. Somebody has to tell of every change: of a key that is kept the value is
 * forgotten, and of one that is being read the answer, which may be older than the change, is not kept.
 */
export interface WarmRecords {
  /** The values of all keys, or undefined when one of them is not known. Nobody may write to them. */
  recall(keys: readonly string[]): Buffer[] | undefined;
  begin(keys: readonly string[]): Reading;
  /** Keeps the values that a reading brought, unless something changed in between. */
  finish(reading: Reading, values: readonly (Buffer | undefined)[]): void;
  /** These keys have changed, or, without any, all may have. */
  changed(keys?: readonly string[]): void;
}

export interface WarmRecordsOptions {
  /** Milliseconds after which a value is read anew, whatever happens. */
  maxAgeMs: number;
  /** Values kept at most; the oldest go first. */
  maxEntries?: number;
  /** Milliseconds on a clock that never goes back. */
  clock?: () => number;
}

export function createWarmRecords(options: WarmRecordsOptions): WarmRecords {
  const { maxAgeMs, maxEntries = 10_000, clock = () => performance.now() } = options;
  const entries = new Map<string, { value: Buffer; readAt: number }>();
  const underWay = new Set<Reading>();

  const spoil = (key: string): void => {
    entries.delete(key);
    for (const reading of underWay) if (reading.keys.includes(key)) reading.spoiled = true;
  };

  return {
    recall(keys) {
      const oldest = clock() - maxAgeMs;
      const values: Buffer[] = [];
      for (const key of keys) {
        const entry = entries.get(key);
        if (entry === undefined || entry.readAt < oldest) return undefined;
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
      if (reading.spoiled) return;
      const readAt = clock();
      for (const [index, key] of reading.keys.entries()) {
        const value = values[index];
        entries.delete(key);
        if (value !== undefined) entries.set(key, { value, readAt });
      }
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break;
        entries.delete(oldest);
      }
    },
    changed(keys) {
      if (keys !== undefined) {
        keys.forEach(spoil);
        return;
      }
      entries.clear();
      for (const reading of underWay) reading.spoiled = true;
    },
  };
}
