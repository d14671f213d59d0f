import { silentLog } from '../../log/log.js';
import { openChangeChannel } from './change-channel.js';
import { readRedisAddress } from './redis-store.js';
import type { RedisPlace } from './url.js';
import { within } from '../within.js';

/**
 * Whether Redis reports changes to this user, so that proxied calls can be answered from memory. `none`: a cluster, where
 * every call asks. `unseen`: they are reported, and other processes cannot see that this one lives.
 */
export async function checkChangeTracking(place: RedisPlace): Promise<'allowed' | 'unseen' | 'refused' | 'none'> {
  const address = readRedisAddress(place.url, place.ca);
  if (address.kind === 'cluster') return 'none';
  let settle: (result: 'allowed' | 'refused') => void = () => undefined;
  const result = new Promise<'allowed' | 'refused'>((resolve) => (settle = resolve));
  const channel = openChangeChannel(address, {
    ...place,
    silenceMs: 2_000,
    log: { ...silentLog, warn: () => settle('refused') },
    // Called also when the channel is lost; it is up right after the call that says so.
    onChange: () => queueMicrotask(() => channel?.isUp() === true && settle('allowed')),
  });
  try {
    const found = await within(3_000, result, () => 'refused' as const);
    if (found === 'refused') return found;
    await channel?.firstAttempt;
    return channel?.presence() === undefined ? 'unseen' : found;
  } finally {
    channel?.close();
  }
}
