import { randomBytes } from 'node:crypto';
import type { Log } from '../../log/log.js';
import { bySlot, checkCommit, checkLifetime, checkSameSlot } from '../check-commit.js';
import { presenceChannel, probeKey } from '../keys.js';
import { openChangeChannel, type RedisChangeChannel } from './change-channel.js';
import { openRedisClient, type RedisClient } from './client.js';
import { failureCode, isConnectionLoss, isReply, storeUnavailable, unavailableBecause } from './failure.js';
import { commitArguments, commitScript, incrementScript, rightsScript, type RedisScript } from './scripts.js';
import { createRedisState } from './state.js';
import { createServerClock } from './server-clock.js';
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

/** How long a call waits for the very first connection, and for the one that follows a connection which rested. */
const firstConnectionMs = 400;
const nextConnectionMs = 1200;
const deadlineMs = 1900;
/** How long after the last sign of life a commit may be made; below the silence after which its caller is told. */
const commitLifeMs = 1000;
const goodbyeMs = 200;
/** How long a connection may rest before it is tried with a PING: a server may close one that rests for a second. */
const restMs = 900;

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
    isResting: () => underWay === 0,
  });
  const clock = createServerClock();
  let underWay = 0;
  let waking: Promise<unknown> | undefined;
  let channel: RedisChangeChannel | undefined;
  /** When Redis last answered, or was first asked after a pause; our own clock. */
  let heard = 0;
  let connectionMs = firstConnectionMs;
  client.on('ready', () => {
    heard = Date.now();
    connectionMs = nextConnectionMs;
  });

  /** A commit is not made any more when its caller has given up. */
  async function commitInTime(keys: string[], args: (string | Buffer)[]): Promise<boolean> {
    for (let tries = 0; tries < 2; tries += 1) {
      const lastMoment = String(Math.floor(clock.now() - (Date.now() - heard) + commitLifeMs));
      const answer = await run(client, commitScript, keys, [lastMoment, ...args]);
      if (typeof answer === 'number') return answer === 1;
      if (!clock.learn(Number(answer))) break;
    }
    throw unavailableBecause('TIMEOUT');
  }

  /** Runs one step on the client within the deadline. */
  async function ask<T>(step: () => Promise<T>): Promise<T> {
    const began = Date.now();
    if (state.status() === 'connecting') await state.attempt(connectionMs);
    if (underWay === 0 && state.status() === 'ready' && began - heard > restMs) await wake(began);
    if (state.status() !== 'ready') throw unavailableBecause(state.code());
    if (underWay === 0) heard = Date.now();
    underWay += 1;
    try {
      return await within(deadlineMs - (Date.now() - began), step(), () => {
        throw unavailableBecause('TIMEOUT');
      });
    } catch (error) {
      throw storeUnavailable(error);
    } finally {
      underWay -= 1;
      heard = Date.now();
    }
  }

  /**
   * Tries a connection that has rested, before a step is sent whose fate could not be known. Redis, or a proxy before it,
   * closes connections that rest: then the next connection is awaited, and nobody notices.
   */
  async function wake(began: number): Promise<void> {
    try {
      waking ??= Promise.resolve(client.ping()).finally(() => (waking = undefined));
      await within(deadlineMs - (Date.now() - began), waking, () => {
        throw unavailableBecause('TIMEOUT');
      });
    } catch (error) {
      // A server that refuses a PING, as with a full disk, has answered it.
      if (isReply(error)) return;
      if (!isConnectionLoss(error)) throw storeUnavailable(error);
      // The client reports the end of the connection in its own time.
      if (state.status() === 'ready') await within(goodbyeMs, onceClosed(client), () => undefined);
      if (state.status() === 'connecting') await state.attempt(connectionMs);
    }
  }

  const getMany: OpenedStore['getMany'] = async (keys) => {
    checkSameSlot(keys);
    const [first, ...others] = keys;
    if (first === undefined) return [];
    if (others.length === 0) return [await ask(() => read(client, prefix + first))];
    return (await ask(() => client.mgetBuffer(keys.map((key) => prefix + key)))).map((value) => value ?? undefined);
  };

  const gather: OpenedStore['gather'] = async (keys) => {
    if (keys.length === 0) return [];
    const groups = address.kind === 'cluster' ? bySlot(keys) : [keys];
    const values = await Promise.all(
      groups.map((group) => ask(() => client.mgetBuffer(group.map((key) => prefix + key)))),
    );
    const byKey = new Map(
      groups.flatMap((group, at) => group.map((key, index) => [key, values[at]?.[index]] as const)),
    );
    return keys.map((key) => byKey.get(key) ?? undefined);
  };

  const store: OpenedStore = {
    get: (key) => ask(() => read(client, prefix + key)),
    getMany,
    gather,
    recall: getMany,
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

/** MGET answers nil for a key of another type; a GET is made to do the same. */
async function read(client: RedisClient, key: string): Promise<Buffer | undefined> {
  try {
    return (await client.getBuffer(key)) ?? undefined;
  } catch (error) {
    if (failureCode(error) === 'WRONGTYPE') return undefined;
    throw error;
  }
}

/** Commands that this user may not use, though the store cannot do without them. */
async function missingRights(client: RedisClient, prefix: string): Promise<string[]> {
  const key = prefix + probeKey(randomBytes(12).toString('base64url'));
  const missing = (await run(client, rightsScript, [key], [])) as string[];
  await client.mget(key);
  return missing;
}

function onceClosed(client: RedisClient): Promise<void> {
  return new Promise((resolve) => void client.once('close', resolve));
}

/** How many connections listen to each of these channels. */
async function subscribers(client: RedisClient, channels: readonly string[]): Promise<number[]> {
  const flat = await client.call('PUBSUB', 'NUMSUB', ...channels).catch((error: unknown) => {
    if (failureCode(error) !== 'NOPERM') throw error;
    return [];
  });
  if (!Array.isArray(flat)) return [];
  return flat.filter((_, index) => index % 2 === 1).map(Number);
}

/** Names the script by its digest, and sends its text where the server does not know it (yet, or any more). */
async function run(client: RedisClient, script: RedisScript, keys: string[], args: (string | Buffer)[]) {
  try {
    return await client.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (failureCode(error) !== 'NOSCRIPT') throw error;
    return await client.eval(script.lua, keys.length, ...keys, ...args);
  }
}

function describeAddress(address: RedisAddress): string {
  const nodes = address.nodes.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`));
  const master = address.kind === 'sentinel' ? ` master ${address.master}` : '';
  return `redis ${address.kind}${address.tls ? ' over TLS' : ''} ${nodes.join(',')}${master}`;
}
