import type { FaultName } from './faults.js';
import type { Stage, StageOptions } from './stage.js';

export interface SoakOptions extends StageOptions {
  seconds: number;
  /** Calls a second, as far as the servers keep up. */
  rate: number;
  /** Of one fault of the authorization server or the API. */
  faultSeconds: number;
  /** Sign-outs, disconnects and new connections a second. */
  changes: number;
  /** Faults of the first and of the second half, evenly spread. Processes are replaced in the first alone. */
  faults: readonly [readonly FaultName[], readonly FaultName[]];
  /** Whether growth is judged: a short run says nothing of it. */
  judgesGrowth: boolean;
  /** Milliseconds between two lines of progress, which `say` is given. */
  progressMs: number;
  say: (line: string) => void;
  /** Done to the stage before the load begins: by which a test shows that what is broken is noticed. */
  prepare?: (stage: Stage) => void;
}
