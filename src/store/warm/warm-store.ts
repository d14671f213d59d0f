import { randomBytes } from 'node:crypto';
import { probeKey } from '../keys.js';
import type { OpenedStore } from '../store.js';
import { createWarmRecords } from './records.js';

/** Milliseconds between two proofs while the memory is in use. */
const proveEveryMs = 1000;
/** Milliseconds for which a proof holds: how long, at most, a change could be missed on a line that died silently. */
const proofHoldsMs = 2000;

/** By which the server behind a store reports every change to a record, whoever makes it. */
export interface ChangeChannel {
  /** Whether reports arrive. What was reported before the channel came up again is lost. */
  isUp(): boolean;
  close(): void;
}

export interface WarmStore extends OpenedStore {
  /** Keys that have changed; undefined when any may have: a lost connection, this store's own or the channel's. */
  changed(keys: readonly string[] | undefined): void;
}

export interface WarmStoreOptions {
  /** Opens the channel that reports to `changed`. Undefined: there is none, and every read asks the store. */
  channel: (changed: WarmStore['changed']) => ChangeChannel | undefined;
  maxAgeMs: number;
}

/**
 * A store that remembers what `recall` has read until a change is reported. Memory is trusted only as long as a
 * proof is fresh: a key written through the store's own connection was reported on the channel, so that both lead to the
 * same server and every earlier report has arrived, too. This process's own writes are forgotten when they are sent and
 * again when they are done.
 */
export function createWarmStore(store: OpenedStore, { channel: open, maxAgeMs }: WarmStoreOptions): WarmStore {
  const records = createWarmRecords({ maxAgeMs });
  let probe: { key: string; sentAt: number } | undefined;
  let provenAt = Number.NEGATIVE_INFINITY;

  const changed: WarmStore['changed'] = (keys) => {
    records.changed(keys);
    if (keys === undefined) {
      probe = undefined;
      provenAt = Number.NEGATIVE_INFINITY;
    } else if (probe !== undefined && keys.includes(probe.key)) {
      provenAt = probe.sentAt;
      probe = undefined;
    }
  };
  const channel = open(changed);

  const prove = (time: number): void => {
    if (probe !== undefined && time - probe.sentAt < proveEveryMs) return;
    probe = { key: probeKey(randomBytes(12).toString('base64url')), sentAt: time };
    // Reported when it is written; nothing is to remain of it.
    store.commit([], [{ key: probe.key, value: Buffer.alloc(0), ttlMs: 1 }]).catch(() => undefined);
  };

  const remembered: WarmStore['remembered'] = (keys) => {
    if (channel?.isUp() !== true) return undefined;
    const time = performance.now();
    if (time - provenAt >= proveEveryMs) prove(time);
    return time - provenAt < proofHoldsMs ? records.recall(keys) : undefined;
  };

  return {
    ...store,
    changed,
    remembered,
    async recall(keys) {
      const known = remembered(keys);
      if (known !== undefined) return known;
      if (channel?.isUp() !== true) return store.getMany(keys);
      const reading = records.begin(keys);
      try {
        const values = await store.getMany(keys);
        records.finish(reading, values);
        return values;
      } catch (error) {
        reading.spoiled = true;
        records.finish(reading, []);
        throw error;
      }
    },
    async commit(guards, writes) {
      const keys = writes.map(({ key }) => key);
      records.changed(keys);
      try {
        return await store.commit(guards, writes);
      } finally {
        records.changed(keys);
      }
    },
    async close() {
      channel?.close();
      await store.close();
    },
  };
}
