import type { Log } from '../../log/log.js';
import { isRefusal } from './failure.js';
import type { StoreStatus } from '../store.js';
import { within } from '../within.js';

/** Follows whether Redis can be used, and logs each change once. */
export interface RedisState {
  status(): StoreStatus;
  /** Why Redis cannot be used, in one word. */
  code(): string;
  ready(): void;
  failed(code: string): void;
  /** The connection ended while nothing was asked of it. Nothing is logged as long as the next attempt succeeds. */
  rested(): void;
  /** The user may not use these commands: logged once, until others are missing. */
  misses(commands: readonly string[]): void;
  /** Resolves when the attempt under way has ended, well or not, and at the latest after `limitMs`. */
  attempt(limitMs: number): Promise<void>;
  /** Nothing is logged from here on. */
  end(): void;
}

export function createRedisState(log: Log, place: string): RedisState {
  let status: StoreStatus = 'connecting';
  let code = 'NOT_CONNECTED';
  let logged: 'connected' | 'lost' | 'refused' | 'ended' | undefined;
  let missed = '';
  let settle = (): void => undefined;
  const begin = (): Promise<void> => new Promise((resolve) => (settle = resolve));
  let attempt = begin();

  return {
    status: () => status,
    code: () => code,
    ready() {
      if (logged === 'ended') return;
      status = 'ready';
      settle();
      if (logged !== 'connected') log.info('store.connected', { store: place });
      logged = 'connected';
    },
    failed(reason) {
      if (logged === 'ended') return;
      // A connection that closes after an error tells nothing new.
      if (status !== 'lost' || reason !== 'CLOSED') code = reason;
      status = 'lost';
      settle();
      const now = isRefusal(code) ? 'refused' : 'lost';
      if (logged !== now) log.error(`store.${now}`, { store: place, code });
      logged = now;
    },
    rested() {
      if (status !== 'ready') return;
      status = 'connecting';
      attempt = begin();
    },
    misses(commands) {
      const hint = `the user of REDIS_URL may not use: ${commands.join(' ')}`;
      if (hint !== missed) log.error('store.refused', { store: place, code: 'NOPERM', hint });
      missed = hint;
    },
    attempt: (limitMs) => within(limitMs, attempt, () => undefined),
    end() {
      status = 'lost';
      code = 'CLOSED';
      logged = 'ended';
      settle();
    },
  };
}
