/** A fault that was made on purpose, and what callers may see because of it. Times are milliseconds since the epoch. */
export interface FaultWindow {
  name: string;
  from: number;
  /** Infinity while it lasts. */
  to: number;
  /** Milliseconds afterwards in which its traces are still its own. */
  grace: number;
  /** Answers it excuses, as `answerKind` names them. */
  excuses: readonly string[];
  /** Calls that it cost. */
  answers: number;
  /** When the last call failed because of it. */
  lastAt: number;
}

export interface FaultWindows {
  readonly all: readonly FaultWindow[];
  /** Runs the fault; its window is open meanwhile. */
  during(fault: Pick<FaultWindow, 'name' | 'grace' | 'excuses'>, work: () => Promise<void>): Promise<void>;
  /** The fault that excuses such an answer to a call that began and ended then; counts it there. */
  excuse(kind: string, began: number, ended: number): FaultWindow | undefined;
  /** Whether any fault, or the first milliseconds of its aftermath (all of it unless told), lies within this time. */
  touches(from: number, to: number, aftermath?: number): boolean;
}

export function createFaultWindows(): FaultWindows {
  const all: FaultWindow[] = [];
  const overlaps = ({ from, to, grace }: FaultWindow, began: number, ended: number): boolean =>
    ended >= from && began <= to + grace;
  return {
    all,
    async during(fault, work) {
      const window: FaultWindow = { ...fault, from: Date.now(), to: Infinity, answers: 0, lastAt: 0 };
      all.push(window);
      await work().finally(() => (window.to = Date.now()));
    },
    excuse(kind, began, ended) {
      const window = all.findLast((each) => each.excuses.includes(kind) && overlaps(each, began, ended));
      if (window) {
        window.answers += 1;
        window.lastAt = Math.max(window.lastAt, ended);
      }
      return window;
    },
    touches: (from, to, aftermath = Infinity) =>
      all.some((window) => overlaps({ ...window, grace: Math.min(window.grace, aftermath) }, from, to)),
  };
}

/** Milliseconds from the end of the fault to the last call that failed because of it. */
export function recovery({ to, lastAt }: FaultWindow): number {
  return Math.max(0, lastAt - to);
}
