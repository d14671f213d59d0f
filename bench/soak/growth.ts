import type { Trend } from './samples.js';

/** How one process went over the second half, faults left out. */
export interface ProcessTrends {
  /** Megabytes. */
  rss: Trend;
  heap: Trend;
  descriptors: Trend;
  samples: number;
}

/**
 * What a process may grow by over the second half, read off the straight line through its samples: a tenth of its
 * memory or 16 MB, whichever is more. Redis: a tenth or 8 MB.
 */
export const bounds = { part: 0.1, megabytes: 16, redisMegabytes: 8 } as const;

/** Every figure that grew beyond its bound, and every one that was not seen often enough to tell. */
export function growthProblems(trends: ReadonlyMap<string, ProcessTrends>, redis: Trend): string[] {
  const problems: string[] = [];
  const check = (what: string, { first, last }: Trend, bound: number): void => {
    // Written so that a figure that is none is a problem, too.
    if (!(last - first <= bound)) problems.push(`${what} went from ${first.toFixed(0)} to ${last.toFixed(0)}`);
  };
  for (const [name, { rss, heap, samples }] of trends) {
    if (samples < 5) problems.push(`${name} was sampled ${samples} times away from faults`);
    check(`${name}: resident memory in MB`, rss, Math.max(bounds.megabytes, rss.first * bounds.part));
    check(`${name}: heap in MB`, heap, Math.max(bounds.megabytes, heap.first * bounds.part));
  }
  check('Redis: memory in MB', redis, Math.max(bounds.redisMegabytes, redis.first * bounds.part));
  return problems;
}
