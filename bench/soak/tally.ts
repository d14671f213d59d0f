import type { FaultWindows } from './fault-windows.js';
import type { Grant, Grants } from './grants.js';
import { answerKind, type Answer } from './person.js';

/** Answers that no fault explains. */
export interface Unexplained {
  /** 401. */
  refusals: number;
  /** 503 store_unavailable: a machine that has too little for all of it lets a question to the store wait too long. */
  busy: number;
  failures: number;
}

/** Every answer, compared and counted. */
export interface Tally {
  add(answer: Answer): void;
  /** A call beside the load that was not answered with 200. */
  otherFailure(what: string, kind: string, began: number, ended: number): void;
  /** A broken promise: said at the end, and the programme's exit code is 1. */
  problem(text: string): void;
  readonly calls: number;
  readonly mismatches: number;
  /** By kind: `200`, `503 store_unavailable`. */
  readonly kinds: ReadonlyMap<string, number>;
  readonly unexplained: Unexplained;
  /** Calls that were under way while their person signed out, and were refused for it. */
  readonly overtaken: number;
  readonly problems: readonly string[];
  readonly longestMs: number;
  /** Milliseconds within which this part (0 to 1) of the answers came. */
  quantile(part: number): number;
}

const busyKind = '503 store_unavailable';
/** Milliseconds counted one by one; longer answers lie in the last. */
const slowest = 60_000;

export function createTally(windows: FaultWindows, grants: Grants, onLost: (answer: Answer) => void): Tally {
  const kinds = new Map<string, number>();
  const times = new Uint32Array(slowest + 1);
  const problems: string[] = [];
  const unexplained: Unexplained = { refusals: 0, busy: 0, failures: 0 };
  let [calls, mismatches, overtaken, longestMs] = [0, 0, 0, 0];

  const problem = (text: string): void => {
    const { name, from } = windows.all.at(-1) ?? { name: 'the start', from: Number.NaN };
    if (problems.length < 50) problems.push(`${text}; ${Date.now() - from} ms after "${name}" began`);
  };

  const judge = (answer: Answer, kind: string): void => {
    const { person, epoch, status, began, ended } = answer;
    if (status === 401 && epoch !== person.epoch) {
      overtaken += 1;
      return;
    }
    if (windows.excuse(kind, began, ended)) return;
    if (status === 401) {
      const explained = kind === '401 reauth_required' && lossIsExplained(grants.of(person.subject), windows);
      if (explained) onLost(answer);
      else {
        unexplained.refusals += 1;
        problem(`${kind} without a cause; grant: ${describe(grants.of(person.subject))}`);
      }
      return;
    }
    if (kind === busyKind) {
      unexplained.busy += 1;
      return;
    }
    unexplained.failures += 1;
    problem(`${kind} that no fault explains, after ${ended - began} ms`);
  };

  return {
    add(answer) {
      const kind = answerKind(answer);
      const ms = answer.ended - answer.began;
      calls += 1;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      const slot = Math.min(slowest, Math.max(0, ms));
      times[slot] = (times[slot] ?? 0) + 1;
      longestMs = Math.max(longestMs, ms);
      if (answer.status !== 200) judge(answer, kind);
      else if (answer.body !== answer.person.canary) {
        mismatches += 1;
        problem(`an answer of ${answer.body.length} bytes that is not the caller's own`);
      }
    },
    otherFailure(what, kind, began, ended) {
      if (windows.excuse(kind, began, ended)) return;
      if (kind === busyKind) unexplained.busy += 1;
      else problem(`${what}: ${kind} that no fault explains, after ${ended - began} ms`);
    },
    problem,
    get calls() {
      return calls;
    },
    get mismatches() {
      return mismatches;
    },
    kinds,
    unexplained,
    get overtaken() {
      return overtaken;
    },
    problems,
    get longestMs() {
      return longestMs;
    },
    quantile(part) {
      let left = calls * part;
      return times.findIndex((count) => (left -= count) <= 0);
    },
  };
}

/**
 * A process that is killed between the authorization server's answer and its saving takes the new tokens with it; no server
 * can do better. That, and nothing else, ends a grant here: the connection over which its refresh token came closed at a kill.
 */
export function lossIsExplained(grant: Grant | undefined, windows: FaultWindows): boolean {
  if (grant?.ended !== 'reused') return false;
  const kills = windows.all.filter(({ name }) => name === killName);
  return grant.cutOffs.some((at) => kills.some(({ from, to }) => at >= from && at <= to));
}

export const killName = 'SIGKILL to one process';

function describe(grant: Grant | undefined): string {
  return grant ? `${grant.ended ?? 'alive'}, refreshed ${Date.now() - grant.rotatedAt} ms ago` : 'none';
}
