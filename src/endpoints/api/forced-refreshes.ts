import type { ConnectionRef } from '../../connections/connection-ref.js';
import { GatehouseError } from '../../errors.js';
import { limitKey } from '../../store/keys.js';
import type { Store } from '../../store/store.js';

/** Renewals that somebody asks for, of one connection, in a window; counted for all processes. */
const most = 30;
const windowMs = 60_000;

/**
 * Bounds what a button can cost the provider. Who asks while such a renewal is under way joins it and counts as one with it.
 * The work throws GatehouseError rate_limited above the limit.
 */
export function limitForcedRefreshes(
  store: Store,
): (ref: ConnectionRef, refresh: () => Promise<unknown>) => Promise<unknown> {
  const underWay = new Map<string, Promise<unknown>>();
  const counted = async (
    { slot, cell, provider }: ConnectionRef,
    refresh: () => Promise<unknown>,
  ): Promise<unknown> => {
    const { count, resetMs } = await store.increment(limitKey('refreshes', `${slot}:${cell}`), windowMs);
    if (count <= most) return refresh();
    const retryAfter = Math.max(1, Math.ceil(resetMs / 1000));
    throw new GatehouseError(
      'rate_limited',
      `${provider.name} was asked for new access ${most} times within a minute. Try again in ${retryAfter} s.`,
      { provider: provider.id, retryAfter },
    );
  };
  return (ref, refresh) => {
    const work = underWay.get(ref.key) ?? counted(ref, refresh).finally(() => underWay.delete(ref.key));
    underWay.set(ref.key, work);
    return work;
  };
}
