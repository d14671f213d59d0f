import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { createComingsAndGoings } from './comings-and-goings.js';
import { createFaultWindows } from './fault-windows.js';
import { createFaults } from './faults.js';
import { finalCheck } from './final-check.js';
import { startLoad } from './load.js';
import { createSamples } from './samples.js';
import { descriptorsAtRest } from './rest.js';
import { connectSandboxPeople } from './sandbox-people.js';
import type { SoakOptions } from './soak-options.js';
import { openStage } from './stage.js';
import { summarize, type Summary } from './summary.js';
import { createTally } from './tally.js';

/** Load held for a time, with faults on the way, every answer compared. */
export async function soak(options: SoakOptions): Promise<Summary> {
  const { seconds, say, faults: halves } = options;
  const [loadAverage = Number.NaN] = loadavg();
  const stage = await openStage(options);
  const { fleet, people, publicUrl, path, redis, grants, server } = stage;
  const windows = createFaultWindows();
  const tally = createTally(windows, grants, ({ person }) => void traffic.reconnect(person));
  const traffic = createComingsAndGoings({ people, fleet, windows, tally, publicUrl, path });
  const samples = createSamples(fleet, redis, windows);
  const faults = createFaults({ ...stage, seconds: options.faultSeconds });
  try {
    const sandboxPeople = await connectSandboxPeople(stage, windows, tally);
    options.prepare?.(stage);
    const began = Date.now();
    const middle = began + (seconds * 1000) / 2;
    say(`${people.length} sessions at ${fleet.serving.length} processes, ${seconds} s`);
    const load = startLoad(stage, options.rate, tally.add);
    let before = { at: began, calls: 0 };
    const progress = (): void => {
      const now = Date.now();
      const rate = Math.round(((tally.calls - before.calls) * 1000) / Math.max(1, now - before.at));
      before = { at: now, calls: tally.calls };
      const open = windows.all.filter(({ to }) => to === Infinity).map(({ name }) => name);
      say(
        `${String(Math.round((now - began) / 1000)).padStart(4)} s  ${tally.calls} calls (${rate}/s)  ${tally.mismatches} mismatches  ` +
          `${grants.refreshes} refreshes  ${samples.latest.rss.toFixed(0)} MB  ${samples.latest.descriptors} descriptors  ` +
          `${tally.problems.length} problems${open.length > 0 ? `  ${open.join(', ')}` : ''}`,
      );
    };
    const underWay = new Set<Promise<void>>();
    const keep = (work: Promise<void>): void => {
      const one = work.catch((error: unknown) => tally.problem(String(error))).finally(() => underWay.delete(one));
      underWay.add(one);
    };
    const clocks = [
      setInterval(progress, options.progressMs),
      setInterval(() => keep(samples.take()), Math.min(5_000, options.progressMs)),
      setInterval(() => keep(traffic.change()), 1000 / options.changes),
      setInterval(() => keep(sandboxPeople.call()), 500),
    ];

    for (const [half, names] of halves.entries()) {
      const from = began + half * (middle - began);
      const apart = (middle - began) / (names.length + 1);
      for (const [index, name] of names.entries()) {
        await pause(Math.max(0, from + apart * (index + 1) - Date.now()));
        await windows.during(faults[name], faults[name].work);
      }
      await pause(Math.max(0, from + (middle - began) - Date.now()));
    }
    const secondHalf = Math.max(middle, windows.all.findLast(({ name }) => name === faults.roll.name)?.to ?? 0);
    const loadSeconds = (Date.now() - began) / 1000;
    for (const clock of clocks) clearInterval(clock);
    await load.stop();
    await Promise.all(underWay);
    await traffic.settled();
    await finalCheck(stage, tally, windows);
    progress();
    const rest = await descriptorsAtRest(fleet);
    return summarize({
      loadAverage,
      options,
      seconds: loadSeconds,
      tally,
      windows,
      changes: traffic.changes,
      refreshes: grants.refreshes,
      tokenCalls: server.tokenCalls,
      people,
      grants,
      sandbox: sandboxPeople.seen(),
      trends: samples.trends(secondHalf),
      redis: samples.redisTrend(secondHalf),
      rest,
    });
  } finally {
    await stage.close();
  }
}
