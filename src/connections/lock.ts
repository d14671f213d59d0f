import { randomBytes } from 'node:crypto';
import { lockKey } from '../store/keys.js';
import type { Guard, Store } from '../store/store.js';

/** Milliseconds that a lock outlives its holder. Above the deadline of a token call, so that it never ends during one. */
export const lockLife = 15_000;
const renewEvery = 5_000;

export interface Lock {
  /** Renews it now. False: it ended meanwhile, as when the process was stopped for longer than the lock's life. */
  confirm(): Promise<boolean>;
  /** Holds while the lock does: for what only its holder may write. */
  guard: Guard;
  release(): Promise<void>;
}

/**
 * Takes the lock on one connection's refresh, for all processes, or answers undefined when another holds it. It is
 * renewed while held and released by its owner alone; a killed holder's lock ends by itself.
 */
export async function takeLock(store: Store, tag: string, provider: string): Promise<Lock | undefined> {
  const key = lockKey(tag, provider);
  const owner = randomBytes(16);
  const guard: Guard = { key, equals: owner };
  const mine = [guard];
  if (!(await store.commit([{ key, exists: false }], [{ key, value: owner, ttlMs: lockLife }]))) return undefined;
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
