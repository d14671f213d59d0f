import { setTimeout as wait } from 'node:timers/promises';
import { watchLockOwner } from '../connections/refresh/lock.js';
import { takeLease, type Lease } from '../store/lease.js';
import type { Store } from '../store/store.js';

/** What the key of an event holds once the operator took it; until then, the lease of whoever passes it on. */
export const delivered = Buffer.from('1');

/** The claim, or why there is none: the operator has it, or a process that may live is passing it on. */
export type EventClaim = Lease | 'delivered' | 'held';

/** Longer than one attempt, so that a holder which was only stopped has no attempt under way when it ends. */
const times = { lifeMs: 5_000, extendEveryMs: 500 };
/** Milliseconds for which another process's outcome is awaited: enough to see that it was killed. */
const timeoutMs = 2_500;
const lookEvery = 100;

/** Takes the event for passing it on, also from a process that is known to have ended. */
export async function claimEvent(store: Store, key: string): Promise<EventClaim> {
  const hasEnded = watchLockOwner(store);
  const until = performance.now() + timeoutMs;
  let orphan: Buffer | undefined;
  for (;;) {
    const lease = await takeLease(store, key, times, orphan);
    if (lease) return lease;
    const value = await store.get(key);
    if (value?.equals(delivered)) return 'delivered';
    orphan = value && (await hasEnded(value)) ? value : undefined;
    if (performance.now() > until) return 'held';
    if (!orphan) await wait(lookEvery);
  }
}
