import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Log } from '../../log/log.js';
import { presenceChannel, recordPrefix } from '../keys.js';
import { openRedisClient, type RedisClient, type RedisClientOptions } from './client.js';
import { failureCode } from './failure.js';
import type { RedisAddress } from './url.js';
import { reviveClient } from './revive-client.js';

/** By which Redis tells at once of every change to a record, whoever makes it. */
export interface ChangeChannel {
  /** Whether Redis has been asked to tell and the connection is there. What was said before it came up again is lost. */
  isUp(): boolean;
  /** The name under which Redis lists this connection as a subscriber, while it does: others see by it that this process lives. */
  presence(): string | undefined;
  /** Resolves when the first attempt to be told and to be seen has ended, well or not. */
  firstAttempt: Promise<void>;
  close(): void;
}

export interface ChangeChannelOptions extends RedisClientOptions {
  log: Log;
  /** Keys that have changed; undefined when any may have, as after a loss of the channel. */
  onChange: (keys: readonly string[] | undefined) => void;
}

const invalidations = '__redis__:invalidate';

/**
 * A connection of its own on which Redis reports changes (client-side caching: CLIENT TRACKING in broadcasting mode). The
 * client library drops RESP3's push messages, so that the reports are taken in the older form: the connection names
 * itself as the one to report to and subscribes to them. Undefined for a cluster, where each node reports its own keys.
 */
export function openChangeChannel(address: RedisAddress, options: ChangeChannelOptions): ChangeChannel | undefined {
  if (address.kind === 'cluster') return undefined;
  const { log, onChange } = options;
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
    await client.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST', 'PREFIX', recordPrefix);
    await client.subscribe(invalidations);
    onChange(undefined);
    up = true;
    // A user who may not subscribe to it is as one whose life cannot be seen.
    await client.subscribe(presenceChannel(name)).then(
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
  // The store's own connection tells of what is wrong with Redis.
  client.on('error', () => undefined);
  client.on('messageBuffer', (channel: Buffer, keys: readonly Buffer[] | null) => {
    if (channel.toString('latin1') === invalidations) onChange(keys?.map((key) => key.toString()));
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
