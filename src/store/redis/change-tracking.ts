import { openChangeChannel } from './change-channel.js';
import type { RedisPlace } from './servers.js';
import { readRedisAddress } from './redis-store.js';
import { within } from '../within.js';

/**
 * Whether Redis reports changes to this user, so that proxied calls can be answered from memory: `none` for a cluster, where
 * every call asks.
 */
export async function checkChangeTracking({
  url,
  ca,
  sentinelPassword,
}: RedisPlace): Promise<'allowed' | 'refused' | 'none'> {
  const address = readRedisAddress(url, ca);
  if (address.kind === 'cluster') return 'none';
  let settle: (answer: 'allowed' | 'refused') => void = () => undefined;
  const answer = new Promise<'allowed' | 'refused'>((resolve) => (settle = resolve));
  const silent = {
    error: () => undefined,
    info: () => undefined,
    debug: () => undefined,
    audit: () => undefined,
    lines: () => () => undefined,
    enabled: () => false,
  };
  const channel = openChangeChannel(address, {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    silenceMs: 2_000,
    log: { ...silent, warn: () => settle('refused') },
    // Also told when the channel is lost; it is up right after it was told that it is.
    onChange: () => queueMicrotask(() => channel?.isUp() === true && settle('allowed')),
  });
  try {
    return await within(3_000, answer, () => 'refused');
  } finally {
    channel?.close();
  }
}
