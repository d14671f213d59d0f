import type { Changes } from './comings-and-goings.js';
import type { FaultWindows } from './fault-windows.js';
import { recovery } from './fault-windows.js';
import type { Grants } from './grants.js';
import type { Person } from './person.js';
import type { Trend } from './samples.js';
import { restProblems, type Rest } from './rest.js';
import type { SoakOptions } from './soak-options.js';
import { lossIsExplained, type Tally, type Unexplained } from './tally.js';
import { growthProblems, type ProcessTrends } from './growth.js';

export interface Summary {
  sessions: number;
  processes: number;
  /** Of the machine, over the minute before: what else it was busy with. */
  loadAverage: number;
  seconds: number;
  calls: number;
  mismatches: number;
  /** Answers by kind, the most frequent first. */
  answers: readonly (readonly [string, number])[];
  unexplained: Unexplained;
  overtaken: number;
  refreshes: number;
  tokenCalls: number;
  /** Grants that ended because a spent refresh token came again. */
  lost: { unexplained: number; byKill: number };
  changes: Changes;
  sandbox: { calls: number; mismatches: number; refreshes: number };
  longestMs: number;
  p50: number;
  p99: number;
  faults: readonly { name: string; answers: number; recoveryMs: number }[];
  trends: ReadonlyMap<string, ProcessTrends>;
  redis: Trend;
  rest: Rest;
  problems: readonly string[];
}

interface Ended {
  options: SoakOptions;
  loadAverage: number;
  seconds: number;
  tally: Tally;
  windows: FaultWindows;
  changes: Changes;
  refreshes: number;
  tokenCalls: number;
  people: readonly Person[];
  grants: Grants;
  sandbox: Summary['sandbox'];
  trends: Summary['trends'];
  redis: Trend;
  rest: Rest;
}

/** The part of all calls that may be answered with 503 away from faults: the machine may be busy with other work. */
export const busyBound = 0.001;

/** What is told of a run. A problem is a promise that was not kept. */
export function summarize(ended: Ended): Summary {
  const { options, tally, windows, grants } = ended;
  const reused = grants.reused();
  const byKill = reused.filter((grant) => lossIsExplained(grant, windows)).length;
  const unexplained = reused.length - byKill;
  const problems = [...tally.problems];
  if (unexplained > 0) problems.push(`${unexplained} grants lost that no fault explains`);
  if (tally.unexplained.busy > tally.calls * busyBound)
    problems.push(`${tally.unexplained.busy} times 503 that no fault explains`);
  problems.push(...tooLittle(ended), ...restProblems(ended.rest));
  if (options.judgesGrowth) problems.push(...growthProblems(ended.trends, ended.redis));
  return {
    sessions: options.sessions,
    processes: options.processes,
    loadAverage: ended.loadAverage,
    seconds: ended.seconds,
    calls: tally.calls,
    mismatches: tally.mismatches,
    answers: [...tally.kinds].toSorted(([, one], [, other]) => other - one),
    unexplained: tally.unexplained,
    overtaken: tally.overtaken,
    refreshes: ended.refreshes,
    tokenCalls: ended.tokenCalls,
    lost: { unexplained, byKill },
    changes: ended.changes,
    sandbox: ended.sandbox,
    longestMs: tally.longestMs,
    p50: tally.quantile(0.5),
    p99: tally.quantile(0.99),
    faults: windows.all.map((window) => ({
      name: window.name,
      answers: window.answers,
      recoveryMs: recovery(window),
    })),
    trends: ended.trends,
    redis: ended.redis,
    rest: ended.rest,
    problems,
  };
}

/** What a run has to contain before its zeros say anything. */
function tooLittle({ tally, people, refreshes, changes, sandbox }: Ended): string[] {
  const wanted: readonly (readonly [string, number, number])[] = [
    ['calls', tally.calls, people.length * 2],
    ['refreshes', refreshes, people.length],
    ['logouts', changes.logouts, 1],
    ['disconnects', changes.disconnects, 1],
    ['new connections', changes.reconnects, 1],
    ["calls at the sandbox's providers", sandbox.calls, 8],
    ["refreshes at the sandbox's providers", sandbox.refreshes, 1],
  ];
  return wanted.flatMap(([what, seen, least]) =>
    seen >= least ? [] : [`only ${seen} ${what}, which proves nothing; ${least} at least`],
  );
}
