import { pauseKey } from '../../store/keys.js';
import type { Guard, Store } from '../../store/store.js';
import type { Vault } from '../vault.js';

/** The token endpoint failed; until then no process asks it for this connection. */
export interface Pause {
  /** Failures in a row. */
  count: number;
  /** Milliseconds since the epoch. */
  until: number;
  kind: 'transient' | 'configuration';
}

const pauseMemoryMs = 600_000;

/** The pauses of connections. They are decisions, and so sealed: one that does not open is none. */
export interface Pauses {
  open(slot: string, cell: string, sealed: Buffer | undefined): Pause | undefined;
  /** False when a guard did not hold. */
  write(slot: string, cell: string, pause: Pause, guards: readonly Guard[]): Promise<boolean>;
}

export function createPauses({ store, vault, now }: { store: Store; vault: Vault; now: () => number }): Pauses {
  return {
    open: (slot, cell, sealed) => {
      const opened = sealed && vault.open(pauseKey(slot, cell), sealed);
      return opened?.value as Pause | undefined;
    },
    write: (slot, cell, pause, guards) => {
      const key = pauseKey(slot, cell);
      const ttlMs = Math.max(1, Math.ceil(pause.until - now())) + pauseMemoryMs;
      return store.commit(guards, [{ key, value: vault.seal(key, pause), ttlMs }]);
    },
  };
}

/**
 * Doubles from one second to half a minute, with a random part so that many processes do not come back at once, and lasts at
 * least Retry-After.
 */
export function nextPause(before: Pause | undefined, kind: Pause['kind'], now: number, retryAfter = 0): Pause {
  const count = (before?.count ?? 0) + 1;
  const doubled = Math.min(30_000, 1000 * 2 ** Math.min(count - 1, 6));
  const first = kind === 'configuration' ? 30_000 : doubled;
  const wait = Math.max(first * (0.75 + Math.random() / 2), retryAfter * 1000);
  return { count, until: Math.ceil(now + wait), kind };
}
