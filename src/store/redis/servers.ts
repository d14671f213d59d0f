import { Cluster, type Redis } from 'ioredis';
import { openRedisClient } from './client.js';
import { failureCode, unavailableBecause } from './failure.js';
import { readRedisAddress } from './redis-store.js';
import { tlsRefusal } from './tls-refusal.js';
import type { RedisPlace } from './url.js';
import { within } from '../within.js';

/** One server that holds records: the only one, the master that the sentinels name, or a master of a cluster. */
export interface RedisServer {
  /** host:port. */
  place: string;
  /** One command as it is. Rejects with StoreUnavailableError. */
  ask(command: string, ...args: readonly string[]): Promise<unknown>;
  /** The keys that begin so, in no order; a key can come twice (SCAN). */
  keys(beginning: string): AsyncIterable<string[]>;
  /** Milliseconds that a key has left; negative where it is not there. */
  ttlMs(key: string): Promise<number>;
}

/** For operators: what the store's few steps do not offer. Nothing here is used while serving. */
export interface RedisServers {
  all: readonly RedisServer[];
  close(): void;
}

/** Milliseconds until a server that does not answer counts as unreachable. */
const timeoutMs = 4_000;

/** Connects to every server that holds records. Rejects with StoreUnavailableError, or RedisUrlError where the address is wrong. */
export async function openRedisServers(place: RedisPlace): Promise<RedisServers> {
  const address = readRedisAddress(place.url, place.ca);
  const client = openRedisClient(address, {
    ...place,
    silenceMs: timeoutMs,
    name: 'gatehouse-operator',
  });
  try {
    await within(timeoutMs, connected(client), () => {
      throw unavailableBecause('TIMEOUT');
    });
  } catch (error) {
    client.disconnect();
    const refusal = await tlsRefusal(address, place.ca);
    throw refusal === undefined ? error : unavailableBecause(refusal);
  }
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  return { all: nodes.map((node) => serverOf(node, place.prefix)), close: () => client.disconnect() };
}

/** The first answer counts: a refusal does not become better by waiting. */
function connected(client: Redis | Cluster): Promise<void> {
  return new Promise((resolve, reject) => {
    client.on('ready', resolve);
    client.on('error', (error: unknown) => reject(unavailableBecause(failureCode(error))));
  });
}

function serverOf(node: Redis, prefix = ''): RedisServer {
  const { host = '', port = 6379 } = node.options;
  const ask: RedisServer['ask'] = (command, ...args) =>
    node.call(command, ...args).catch((error: unknown) => {
      throw unavailableBecause(failureCode(error));
    });
  return {
    place: `${host}:${port}`,
    ask,
    ttlMs: async (key) => Number(await ask('PTTL', prefix + key)),
    async *keys(beginning) {
      let cursor = '0';
      do {
        const [next, keys] = await node.scan(cursor, 'MATCH', `${prefix}${beginning}*`, 'COUNT', 1000);
        cursor = next;
        if (keys.length > 0) yield keys.map((key) => key.slice(prefix.length));
      } while (cursor !== '0');
    },
  };
}
