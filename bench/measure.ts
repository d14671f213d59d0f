import type { RedisServer } from '../test/world/redis.js';
import type { Contestant } from './contestant.js';
import { load } from './load.js';
import { processorTime } from './process.js';

/** One round of load against one contestant. */
export interface Sample {
  /** Microseconds of processor time a request. */
  cpu: number;
  requestsPerSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  redisCommands: number;
}

export interface Task {
  /** Below the contestant's address. */
  path: string;
  seconds: number;
  connections: number;
  bodyBytes?: number;
}

export async function measure(contestant: Contestant, task: Task, redis: RedisServer): Promise<Sample> {
  const { path, ...rest } = task;
  const [cpuBefore, commandsBefore] = [processorTime(contestant.pid), await commandsProcessed(redis)];
  const { url, headers, cookieFile } = contestant;
  const result = await load({ ...rest, url: url + path, headers, cookieFile });
  const cpu = processorTime(contestant.pid) - cpuBefore;
  // Less one for the question itself.
  const commands = (await commandsProcessed(redis)) - commandsBefore - 1;
  if (result.requests === 0 || result.failed > result.requests / 1000)
    throw new Error(`${contestant.name}: ${result.failed} of ${result.requests} requests to ${path} failed`);
  return {
    cpu: cpu / result.requests,
    requestsPerSecond: (result.requests * 1_000_000) / result.microseconds,
    p50: result.p50 / 1000,
    p99: result.p99 / 1000,
    redisCommands: commands / result.requests,
  };
}

async function commandsProcessed(redis: RedisServer): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await redis.cli('info', 'stats'))?.[1] ?? Number.NaN);
}

/** Warms every contestant up, then measures them in turn, so that a busy moment of the machine meets them all. */
export async function alternate(
  contestants: readonly Contestant[],
  task: Task,
  redis: RedisServer,
  { rounds, warmUpSeconds }: { rounds: number; warmUpSeconds: number },
): Promise<Map<string, Sample[]>> {
  for (const contestant of contestants) await measure(contestant, { ...task, seconds: warmUpSeconds }, redis);
  const samples = new Map(contestants.map(({ name }) => [name, [] as Sample[]]));
  for (let round = 0; round < rounds; round += 1)
    for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed())
      samples.get(contestant.name)?.push(await measure(contestant, task, redis));
  return samples;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
