import type { Log } from '../../log/log.js';
import { checkCommit, checkLifetime } from '../check-commit.js';
import { presenceChannel } from '../keys.js';
import { openChangeChannel, type RedisChangeChannel } from './change-channel.js';
import { openRedisClient } from './client.js';
import { missingRights, run, subscribers } from './commands.js';
import { unavailableBecause } from './failure.js';
import { commitArguments, commitScript, incrementScript } from './scripts.js';
import { createRedisReads } from './reads.js';
import { createRedisState } from './state.js';
import { createServerClock } from './server-clock.js';
import { createRedisSteps, firstConnectionMs } from './steps.js';
import { parseRedisUrl, RedisUrlError, type RedisAddress, type RedisPlace } from './url.js';
import { reviveClient } from './revive-client.js';
import { tlsRefusal } from './tls-refusal.js';
import { watchRedis } from './watch.js';
import type { OpenedStore } from '../store.js';
import { createWarmStore } from '../warm/warm-store.js';
import { within } from '../within.js';

export interface RedisStoreOptions extends Omit<RedisPlace, 'url'> {
  log: Log;
  /** How long Redis may stay silent when it owes an answer, before the connection is given up: 1500. */
  commandTimeoutMs?: number;
  /** Milliseconds for which `recall` may answer from memory: 10,000. */
  recallForMs?: number | undefined;
}

/** How long after the last sign of life a commit may be made; below the silence after which its caller is told. */
const commitLifeMs = 1000;
const goodbyeMs = 200;

/**
 * Connects in the background and again after every loss; the calls fail with StoreUnavailableError meanwhile, at once.
 * Only the very first ones wait a moment for the first connection. Throws RedisUrlError when the URL cannot be used.
 */
export function connectRedisStore(url: string, options: RedisStoreOptions): OpenedStore {
  const address = readRedisAddress(url, options.ca);
  const { prefix = '' } = options;
  const place = describeAddress(address);
  const clientOptions = { ...options, silenceMs: options.commandTimeoutMs ?? 1500 };
  const client = openRedisClient(address, clientOptions);
  const endClient = reviveClient(client);
  const state = createRedisState(options.log, place);
  watchRedis(client, state, {
    log: options.log,
    cause: () => tlsRefusal(address, options.ca),
    isResting: () => steps.isResting(),
  });
  const steps = createRedisSteps(client, state);
  const { ask } = steps;
  const clock = createServerClock();
  let channel: RedisChangeChannel | undefined;

  /** A commit is not made any more when its caller has given up. */
  async function commitInTime(keys: string[], args: (string | Buffer)[]): Promise<boolean> {
    for (let tries = 0; tries < 2; tries += 1) {
      const lastMoment = String(Math.floor(clock.now() - steps.silentMs() + commitLifeMs));
      const answer = await run(client, commitScript, keys, [lastMoment, ...args]);
      if (typeof answer === 'number') return answer === 1;
      if (!clock.learn(Number(answer))) break;
    }
    throw unavailableBecause('TIMEOUT');
  }

  const reads = createRedisReads(client, { ask, prefix, isCluster: address.kind === 'cluster' });

  const store: OpenedStore = {
    ...reads,
    recall: reads.getMany,
    remembered: () => undefined,
    async commit(guards, writes) {
      checkCommit(guards, writes);
      const { keys, args } = commitArguments(guards, writes, prefix);
      return keys.length === 0 || (await ask(() => commitInTime(keys, args)));
    },
    async increment(key, windowMs) {
      checkLifetime(windowMs);
      const answer = await ask(() => run(client, incrementScript, [prefix + key], [String(windowMs)]));
      const [count, resetMs] = answer as [number, number];
      return { count, resetMs: Math.max(resetMs, 1) };
    },
    presence: () => channel?.presence(),
    async hasEnded(presence) {
      const own = channel?.presence();
      if (own === undefined) return false;
      // That this process is seen says that the same server is asked at which both would be listed.
      const channels = [presence, own].map((name) => prefix + presenceChannel(name));
      const [theirs, ours] = await ask(() => subscribers(client, channels));
      return theirs === 0 && Number(ours) >= 1;
    },
    async ping() {
      const [missing] = await ask(() => Promise.all([missingRights(client, prefix), client.ping()]));
      if (missing.length > 0) {
        state.misses(missing);
        throw unavailableBecause('NOPERM');
      }
      // Who is told that this process is ready may send it a refresh, whose lock names it by how it is seen.
      if (channel) await within(firstConnectionMs, channel.firstAttempt, () => undefined);
    },
    async close() {
      state.end();
      const ended = new Promise<void>((resolve) => void client.once('end', resolve));
      endClient();
      // A client between two attempts has nothing to end and tells nothing.
      await within(goodbyeMs, ended, () => undefined);
    },
    status: () => state.status(),
    describe: () => place,
  };
  const warm = createWarmStore(store, {
    maxAgeMs: options.recallForMs ?? 10_000,
    channel: (onChange) => (channel = openChangeChannel(address, { ...clientOptions, onChange })),
  });
  // Whoever answers next may be another server.
  client.on('close', () => warm.changed(undefined));
  return warm;
}

/** Reads REDIS_URL without connecting. Throws RedisUrlError when it cannot be used. */
export function readRedisAddress(url: string, ca: string | undefined): RedisAddress {
  const address = parseRedisUrl(url);
  if (ca !== undefined && !address.tls)
    throw new RedisUrlError('REDIS_CA_FILE is set, but REDIS_URL asks for no TLS: begin it with rediss');
  return address;
}

function describeAddress(address: RedisAddress): string {
  const nodes = address.nodes.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`));
  const master = address.kind === 'sentinel' ? ` master ${address.master}` : '';
  return `redis ${address.kind}${address.tls ? ' over TLS' : ''} ${nodes.join(',')}${master}`;
}
