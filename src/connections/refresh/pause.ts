import { pauseKey } from '../../store/keys.js';
import type { Guard, Store } from '../../store/store.js';

/** The token endpoint failed; until then no process asks it for this connection. */
export interface Pause {
  /** Failures in a row. */
  count: number;
  /** Milliseconds since the epoch. */
  until: number;
  kind: 'transient' | 'configuration';
}

const pauseMemoryMs = 600_000;

export function readPause(value: Buffer | undefined): Pause | undefined {
  if (!value) return undefined;
  const [count, until, kind] = value.toString('latin1').split(' ');
  return { count: Number(count), until: Number(until), kind: kind === 'configuration' ? kind : 'transient' };
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

/** False when a guard did not hold. */
export function writePause(
  store: Store,
  slot: string,
  provider: string,
  pause: Pause,
  now: number,
  guards: readonly Guard[],
): Promise<boolean> {
  const value = Buffer.from(`${pause.count} ${pause.until} ${pause.kind}`, 'latin1');
  const ttlMs = Math.max(1, Math.ceil(pause.until - now)) + pauseMemoryMs;
  return store.commit(guards, [{ key: pauseKey(slot, provider), value, ttlMs }]);
}
