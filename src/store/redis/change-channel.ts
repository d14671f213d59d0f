import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Log } from '../../log/log.js';
import { presenceChannel, recordPrefix } from '../keys.js';
import type { ChangeChannel } from '../warm/warm-store.js';
import { openRedisClient, type RedisClient, type RedisClientOptions } from './client.js';
import { failureCode } from './failure.js';
import type { RedisAddress } from './url.js';
import { reviveClient } from './revive-client.js';

/** By which Redis reports every change to a record at once, whoever makes it. */
export interface RedisChangeChannel extends ChangeChannel {
  /** The name under which Redis lists this connection as a subscriber, while it does: others see by it that this process lives. */
  presence(): string | undefined;
  /** Resolves when the first attempt to follow changes and to be seen has ended, well or not. */
  firstAttempt: Promise<void>;
}

export interface ChangeChannelOptions extends RedisClientOptions {
  log: Log;
  /** Stands before the names of keys and channels. */
  prefix?: string | undefined;
  /** Keys that have changed; undefined when any may have, as after a loss of the channel. */
  onChange: (keys: readonly string[] | undefined) => void;
}

const invalidations = '__redis__:invalidate';

/**
 * A connection of its own on which Redis reports changes (client-side caching: CLIENT TRACKING in broadcasting mode). The
 * client library drops RESP3's push messages, so that the reports are taken in the older form: the connection names
 * itself as the one to report to and subscribes to them. Undefined for a cluster, where each node reports its own keys.
 */
export function openChangeChannel(
  address: RedisAddress,
  options: ChangeChannelOptions,
): RedisChangeChannel | undefined {
  if (address.kind === 'cluster') return undefined;
  const { log, prefix = '', onChange } = options;
  const client: RedisClient = openRedisClient(address, {
    ...options,
    name: 'gatehouse-changes',
    detectFailover: false,
  });
  if (!(client instanceof Redis)) return undefined;
  const endClient = reviveClient(client);
  let up = false;
  let silent = false;
  const name = randomBytes(12).toString('base64url');
  let present = false;
  let attempted = (): void => undefined;
  const firstAttempt = new Promise<void>((resolve) => (attempted = resolve));

  const lost = (): void => {
    up = false;
    present = false;
    attempted();
    onChange(undefined);
  };
  const follow = async (): Promise<void> => {
    const id = await client.client('ID');
    await client.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST', 'PREFIX', prefix + recordPrefix);
    await client.subscribe(invalidations);
    onChange(undefined);
    up = true;
    // Others take a process whose user may not subscribe to it for one whose life cannot be seen.
    await client.subscribe(prefix + presenceChannel(name)).then(
      () => (present = true),
      () => undefined,
    );
  };
  client.on('ready', () => {
    const following = follow().finally(attempted);
    following.catch((error: unknown) => {
      // Without it every read asks the store. A Redis before 6, or a user who may not subscribe.
      if (!silent && client.status === 'ready') log.warn('store.changes_unknown', { code: failureCode(error) });
      silent = true;
    });
  });
  client.on('close', lost);
  // The store's own connection reports what is wrong with Redis.
  client.on('error', () => undefined);
  client.on('messageBuffer', (channel: Buffer, keys: readonly Buffer[] | null) => {
    if (channel.toString('latin1') === invalidations) onChange(keys?.map((key) => key.toString().slice(prefix.length)));
  });
  return {
    isUp: () => up,
    firstAttempt,
    presence: () => (present ? name : undefined),
    close() {
      up = false;
      present = false;
      silent = true;
      endClient();
    },
  };
}
