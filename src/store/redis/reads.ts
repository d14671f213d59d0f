import type { OpenedStore } from '../store.js';
import { bySlot, checkSameSlot } from '../check-commit.js';
import type { RedisClient } from './client.js';
import { read } from './commands.js';
import type { RedisSteps } from './steps.js';

/** The questions to Redis for records. */
export type RedisReads = Pick<OpenedStore, 'get' | 'getMany' | 'gather'>;

interface Options {
  ask: RedisSteps['ask'];
  /** Begins every key. */
  prefix: string;
  /** In a cluster, one question is about the keys of one slot. */
  isCluster: boolean;
}

export function createRedisReads(client: RedisClient, { ask, prefix, isCluster }: Options): RedisReads {
  const get: RedisReads['get'] = (key) => ask(() => read(client, prefix + key));

  const getMany: RedisReads['getMany'] = async (keys) => {
    checkSameSlot(keys);
    const [first, ...others] = keys;
    if (first === undefined) return [];
    if (others.length === 0) return [await ask(() => read(client, prefix + first))];
    return (await ask(() => client.mgetBuffer(keys.map((key) => prefix + key)))).map((value) => value ?? undefined);
  };

  const gather: RedisReads['gather'] = async (keys) => {
    if (keys.length === 0) return [];
    const groups = isCluster ? bySlot(keys) : [keys];
    const values = await Promise.all(
      groups.map((group) => ask(() => client.mgetBuffer(group.map((key) => prefix + key)))),
    );
    const byKey = new Map(
      groups.flatMap((group, at) => group.map((key, index) => [key, values[at]?.[index]] as const)),
    );
    return keys.map((key) => byKey.get(key) ?? undefined);
  };

  return { get, getMany, gather };
}
