import type { Store } from '../store/store.js';
import { claimEvent, delivered } from './claim-event.js';
import { stillUnderWay } from './still-under-way.js';

/** An event on its way, by what names it. */
export interface Delivery {
  key: string;
  provider: string;
  /** Seconds for which the event is known once the operator took it. */
  remember: number;
  /** Sends it. Rejects when the operator did not take it; asks before each attempt whether the claim still stands. */
  forward: (isHeld: () => boolean) => Promise<void>;
}

export type DeliverOnce = (delivery: Delivery) => Promise<'passed_on' | 'repeated'>;

/** How many copies may wait for one event; each holds a connection and its body. */
const copiesAtMost = 16;

/**
 * Passes each event on until the operator took it once, and not twice at the same time, whichever process gets its copies.
 * A copy that comes meanwhile shares the outcome. Where another process is at it for longer, or too many copies wait already, the
 * copy is refused with GatehouseError store_unavailable, so that the provider sends it again.
 */
export function createDeliverOnce(store: Store): DeliverOnce {
  const underWay = new Map<string, { outcome: Promise<unknown>; copies: number }>();
  return async (delivery) => {
    const { key, provider } = delivery;
    const first = underWay.get(key);
    if (first) {
      if (first.copies >= copiesAtMost) throw stillUnderWay(provider);
      first.copies += 1;
      await first.outcome;
      return 'repeated';
    }
    const outcome = deliver(store, delivery);
    underWay.set(key, { outcome, copies: 0 });
    try {
      return await outcome;
    } finally {
      underWay.delete(key);
    }
  };
}

async function deliver(store: Store, delivery: Delivery): Promise<'passed_on' | 'repeated'> {
  const { key, provider, remember, forward } = delivery;
  const claim = await claimEvent(store, key);
  if (claim === 'delivered') return 'repeated';
  if (claim === 'held') throw stillUnderWay(provider);
  try {
    await forward(() => claim.isHeld());
    // Also where the claim was lost on the way: the operator has it.
    await store.commit([], [{ key, value: delivered, ttlMs: remember * 1000 }]);
    return 'passed_on';
  } finally {
    await claim.release();
  }
}
