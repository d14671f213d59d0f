import { lockKey } from '../../store/keys.js';
import { presenceOf, takeLease, type Lease } from '../../store/lease.js';
import type { Store } from '../../store/store.js';

/** One holder among all processes may renew a connection's tokens. */
export type Lock = Lease;

/** Milliseconds that the lock outlives a holder that has sent nothing yet; it confirms the lock before it sends. */
const unsentLifeMs = 3_000;
/**
 * The same from the moment the refresh token is on its way. A process that is stopped for a while and wakes up has the new
 * tokens in its socket; whoever sent the old refresh token again meanwhile would end the grant. So this is longer than any
 * token call, and shortened only where the holder is known to have ended.
 */
export const sentLifeMs = 15_000;
const extendEveryMs = 500;
/** Milliseconds without a renewal after which it is asked whether the holder lives at all. */
const silenceMs = 1_250;

/** Takes the lock, or answers undefined when another holds it. `over`: the value of a holder that is known to have ended. */
export function takeLock(store: Store, slot: string, provider: string, over?: Buffer): Promise<Lock | undefined> {
  return takeLease(store, lockKey(slot, provider), { lifeMs: unsentLifeMs, extendEveryMs: extendEveryMs }, over);
}

/**
 * Told the lock's value again and again, answers whether its holder is known to have ended: it has not renewed the lock for
 * a while, and the store has lost its connection. A holder that is only stopped keeps its connection, and so its lock.
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
    if (presence === undefined || performance.now() - since < silenceMs) return false;
    return store.hasEnded(presence);
  };
}
