import {
  killAt,
  killPoints,
  openKillWorld,
  type KillReport,
  type KillWorld,
} from '../../test/store-faults/kill-runs.js';
import type { Row } from './row.js';

/** Kills a process at every point in turn until there were so many runs; each worker has a store and servers of its own. */
export async function kills(runs: number, workers = 5): Promise<{ rows: Row[]; problems: string[] }> {
  const queue = Array.from({ length: runs }, (_, index) => killPoints[index % killPoints.length]).filter(
    (each) => !!each,
  );
  const reports: KillReport[] = [];
  let broken = 0;
  const work = async (world: KillWorld): Promise<void> => {
    for (let point = queue.shift(); point; point = queue.shift()) {
      try {
        reports.push(await killAt(point, world));
      } catch (error) {
        // A process that does not start in time on a busy machine is no finding; the run is made again.
        process.stderr.write(`${point.name}: ${String(error).slice(0, 200)}\n`);
        if (++broken > runs / 10) throw error;
        queue.push(point);
        continue;
      }
      if (reports.length % 12 === 0) process.stderr.write(`${reports.length} of ${runs} kills\n`);
    }
    await world.close();
  };
  // One after the other: a machine that starts them all at once is busy with nothing else for a while.
  const worlds: KillWorld[] = [];
  while (worlds.length < workers) worlds.push(await openKillWorld());
  await Promise.all(worlds.map(work));
  const rows = killPoints.map(({ name, leaves }): Row => {
    const mine = reports.filter(({ point }) => point === name);
    const lost = mine.filter(({ found }) => found === 'reauth_required' || found === 'signed_out').length;
    return {
      what: `killed at ${name}: ${leaves.replace('_', ' ')}`,
      load: `${mine.length} runs`,
      faults: mine.length,
      answers: { 'as stated': mine.filter(({ problems }) => problems.length === 0).length },
      longestMs: undefined,
      tokenCalls: mine.reduce((sum, { tokenCalls }) => sum + tokenCalls, 0),
      connectionsLost: lost,
      recoveryMs: Math.max(0, ...mine.map(({ recoveryMs }) => recoveryMs)),
    };
  });
  return { rows, problems: reports.flatMap(({ point, problems }) => problems.map((text) => `${point}: ${text}`)) };
}
