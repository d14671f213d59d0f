import { setTimeout as pause } from 'node:timers/promises';
import { readdirSync } from 'node:fs';
import type { Fleet } from './fleet.js';

/** Descriptors of processes that nobody calls. */
export interface Rest {
  /** Of one that has only just begun. */
  fresh: number;
  /** Of each that served, by its name in the tables. */
  served: ReadonlyMap<string, number>;
}

/** What a process may hold on to besides what a fresh one has: connections that are about to be closed for idleness. */
export const restBound = 8;
/** Milliseconds without a descriptor less after which no more will be closed. Idle connections end within five seconds. */
const patience = 6_000;

/**
 * How many descriptors are left when the callers have gone. Under load their number follows the calls that are under way just
 * then, which says nothing of a leak; at rest every one that is left over was forgotten.
 */
export async function descriptorsAtRest(fleet: Fleet): Promise<Rest> {
  await Promise.all(fleet.serving.map(({ pool }) => pool.close()));
  const idle = await fleet.idle();
  try {
    let least = { of: Infinity, at: Date.now() };
    for (;;) {
      const fresh = count(idle.child.pid);
      const served = new Map(
        fleet.serving.map(({ process }, index) => [`process ${index + 1}`, count(process.child.pid)] as const),
      );
      const open = [...served.values()].reduce((sum, descriptors) => sum + descriptors, 0);
      if (open < least.of) least = { of: open, at: Date.now() };
      const rest = { fresh, served };
      if (restProblems(rest).length === 0 || Date.now() - least.at > patience) return rest;
      await pause(250);
    }
  } finally {
    await idle.stop();
  }
}

/** Every process that kept descriptors beyond its bound. */
export function restProblems({ fresh, served }: Rest): string[] {
  return [...served].flatMap(([name, descriptors]) =>
    descriptors <= fresh + restBound
      ? []
      : [`${name} has ${descriptors} descriptors with nobody calling; a new process has ${fresh}`],
  );
}

function count(pid: number | undefined): number {
  return readdirSync(`/proc/${pid ?? 0}/fd`).length;
}
