import { lockKey } from '../../store/keys.js';
import { presenceOf, takeLease, type Lease } from '../../store/lease.js';
import type { Store } from '../../store/store.js';

/** One owner among all processes may refresh a connection's tokens. */
export type Lock = Lease;

/** Milliseconds that the lock outlives an owner that has sent nothing yet; it confirms the lock before it sends. */
const unsentLifeMs = 3_000;
/**
 * The same from the moment the refresh token is on its way. A process that is stopped for a while and wakes up has the new
 * tokens in its socket; a second use of the old refresh token meanwhile would end the grant. So this is longer than callers
 * wait for a token call, and shortened only where the owner is known to have ended.
 */
export const sentLifeMs = 15_000;
const extendEveryMs = 500;
/** Milliseconds without an extension after which the store is asked whether the owner lives at all. */
const checkAfterMs = 1_250;

/** Takes the lock; undefined when another process has it. `over`: the value of an owner that is known to have ended. */
export function takeLock(store: Store, slot: string, cell: string, over?: Buffer): Promise<Lock | undefined> {
  return takeLease(store, lockKey(slot, cell), { lifeMs: unsentLifeMs, extendEveryMs: extendEveryMs }, over);
}

/**
 * Given the lock's value again and again, says whether its owner is known to have ended: it has not extended the lock for a
 * while, and the store has lost its connection. An owner that is only stopped keeps its connection, and so its lock.
 */
export function watchLockOwner(store: Store): (value: Buffer) => Promise<boolean> {
  let last: Buffer | undefined;
  let since = 0;
  return async (value) => {
    if (!last?.equals(value)) {
      last = value;
      since = performance.now();
      return false;
    }
    const presence = presenceOf(value);
    if (presence === undefined || performance.now() - since < checkAfterMs) return false;
    return store.hasEnded(presence);
  };
}
