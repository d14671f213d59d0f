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
  /** Resolves when the first attempt has ended, well or not, and at the latest after `limitMs`. */
  firstAttempt(limitMs: number): Promise<void>;
  /** Nothing is logged from here on. */
  end(): void;
}

export function createRedisState(log: Log, place: string): RedisState {
  let status: StoreStatus = 'connecting';
  let code = 'NOT_CONNECTED';
  let logged: 'connected' | 'lost' | 'refused' | 'ended' | undefined;
  let settle = (): void => undefined;
  const attempt = new Promise<void>((resolve) => {
    settle = resolve;
  });

  return {
    status: () => status,
    code: () => code,
    ready() {
      if (logged === 'ended') return;
      status = 'ready';
      settle();
      log.info('store.connected', { store: place });
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
    firstAttempt: (limitMs) => within(limitMs, attempt, () => undefined),
    end() {
      status = 'lost';
      code = 'CLOSED';
      logged = 'ended';
      settle();
    },
  };
}
