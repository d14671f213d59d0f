import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { RedisServer } from '../../test/world/redis.js';
import { collectGarbage } from './collector.js';
import type { Fleet } from './fleet.js';
import type { FaultWindows } from './fault-windows.js';

/** One look at a process. Megabytes. */
export interface Sample {
  /** Milliseconds since the epoch. */
  at: number;
  rss: number;
  heap: number;
  descriptors: number;
}

/** How a figure went over a time: the straight line through all samples, at its begin and its end. */
export interface Trend {
  first: number;
  last: number;
}

export interface Samples {
  take(): Promise<void>;
  /** The trends since then, by process; the samples that a fault or its aftermath touches are left out. */
  trends(since: number): Map<string, { rss: Trend; heap: Trend; descriptors: Trend; samples: number }>;
  redisTrend(since: number): Trend;
  /** Of the newest samples, over all processes. */
  readonly latest: { rss: number; descriptors: number };
}

/** Milliseconds in which a process has collected its garbage. */
const collecting = 250;
/** Milliseconds after a fault that are left out as well: what it made is cleaned away then. */
const settling = 5_000;

export function createSamples(fleet: Fleet, redis: RedisServer, windows: FaultWindows): Samples {
  const taken = new Map<number, Sample[]>();
  const redisTaken: { at: number; megabytes: number }[] = [];
  const latest = { rss: 0, descriptors: 0 };
  const undisturbed = <T extends { at: number }>(samples: readonly T[], since: number): T[] =>
    samples.filter(({ at }) => at >= since && !windows.touches(at - settling, at));
  return {
    async take() {
      const at = Date.now();
      const now = await Promise.all(
        fleet.serving.map(async ({ process }) => {
          const pid = process.child.pid ?? 0;
          const sample = await look(pid, Number(process.env['METRICS_PORT']), at).catch(() => undefined);
          if (sample) taken.set(pid, [...(taken.get(pid) ?? []), sample]);
          return sample;
        }),
      );
      latest.rss = Math.max(0, ...now.map((sample) => sample?.rss ?? 0));
      latest.descriptors = Math.max(0, ...now.map((sample) => sample?.descriptors ?? 0));
      if (windows.touches(at, at)) return;
      const used = /used_memory:(\d+)/.exec(await redis.cli('info', 'memory').catch(() => ''))?.[1];
      if (used !== undefined) redisTaken.push({ at, megabytes: Number(used) / 2 ** 20 });
    },
    trends(since) {
      const serving = fleet.serving.map(({ process }) => process.child.pid ?? 0);
      return new Map(
        serving.map((pid, index) => {
          const samples = undisturbed(taken.get(pid) ?? [], since);
          const of = (field: 'rss' | 'heap' | 'descriptors') =>
            trend(samples.map((sample) => [sample.at, sample[field]]));
          const trends = { rss: of('rss'), heap: of('heap'), descriptors: of('descriptors'), samples: samples.length };
          return [`process ${index + 1}`, trends];
        }),
      );
    },
    redisTrend: (since) => trend(undisturbed(redisTaken, since).map(({ at, megabytes }) => [at, megabytes])),
    latest,
  };
}

async function look(pid: number, metricsPort: number, at: number): Promise<Sample> {
  collectGarbage(pid);
  await pause(collecting);
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const heap = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1]) / 2 ** 20;
  const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  return { at, rss, heap, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

/** The line of least squares through points of time and value, read at the first and the last time. */
export function trend(points: readonly (readonly [number, number])[]): Trend {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanAt, meanValue] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [at]) => sum + (at - meanAt) ** 2, 0);
  const slope = points.reduce((sum, [at, value]) => sum + (at - meanAt) * (value - meanValue), 0) / spread;
  const on = (at: number): number => meanValue + (spread === 0 ? 0 : slope) * (at - meanAt);
  return { first: on(points[0]?.[0] ?? Number.NaN), last: on(points.at(-1)?.[0] ?? Number.NaN) };
}
