import { setTimeout as wait } from 'node:timers/promises';
import { lockKey } from '../../store/keys.js';
import type { StoredConnection } from '../connection-store.js';
import type { RefreshDependencies, WantedRefresh } from './attempt.js';
import { notConnected, unavailable } from './failure.js';
import { takeLock, watchLockOwner } from './lock.js';
import { refreshHoldingLock } from './refresh-holding-lock.js';
import { newerThan, type LiveConnection } from './refreshed-connection.js';

/** Milliseconds that a request waits for another process's refresh. */
const lockOwnerTimeoutMs = 25_000;

/** How the wait for another process ended. Neither member: it released the lock without a new record. */
interface OwnerEnd {
  written?: StoredConnection;
  /** The lock's value, whose owner is known to have ended. */
  orphan?: Buffer;
}

/**
 * Of all processes one at a time refreshes a connection. The others wait for it, and use what it wrote; where it wrote
 * nothing, the next one takes the lock.
 */
export async function refreshInTurn(dependencies: RefreshDependencies, wanted: WantedRefresh): Promise<LiveConnection> {
  const { store, log } = dependencies;
  const { slot, cell, provider } = wanted.ref;
  const deadline = performance.now() + lockOwnerTimeoutMs;
  let orphan: Buffer | undefined;
  while (performance.now() < deadline) {
    const lock = await takeLock(store, slot, cell, orphan);
    if (lock) {
      if (orphan) log.warn('connection.refresh_orphaned', { provider: provider.id });
      const connection = await refreshHoldingLock(dependencies, wanted, lock, orphan !== undefined);
      if (connection) return connection;
      continue;
    }
    const end = await waitForLockOwner(dependencies, wanted, deadline);
    orphan = end.orphan;
    const newer = end.written && newerThan(end.written, wanted.seen, provider);
    if (newer) return newer;
  }
  throw unavailable(provider, 2);
}

/** Waits until the other process has written a new record, has released the lock without one, or is known to have ended. */
async function waitForLockOwner(
  { store, connections }: RefreshDependencies,
  { ref: { slot, cell, provider, key }, seen }: WantedRefresh,
  deadline: number,
): Promise<OwnerEnd> {
  const hasEnded = watchLockOwner(store);
  for (let pause = 25; performance.now() < deadline; pause = Math.min(200, pause * 1.5)) {
    await wait(pause);
    const [sealed, lock] = await store.getMany([key, lockKey(slot, cell)]);
    if (!sealed && seen) throw notConnected(provider);
    if (sealed && !seen?.sealed.equals(sealed)) return { written: connections.open(key, sealed) };
    if (!lock) return {};
    if (await hasEnded(lock)) return { orphan: lock };
  }
  return {};
}
