import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of bodies after which the buffers that they came in are cleared away. */
const clearEveryBytes = 12 * 1024 * 1024;

let passed = 0;
let clear: (() => void) | undefined;

/**
 * Counts what was passed on of bodies that come in many pieces. Each piece is read into a buffer of its own, and V8 lets 32 MB
 * of them lie about once they are spent (Node.js 20; on 24 it is 64), since it counts objects and not what they hold. Asked
 * more often it finds little to do, and the memory that was just used is used again.
 */
export function countPassed(bytes: number): void {
  passed += bytes;
  if (passed < clearEveryBytes) return;
  passed = 0;
  clear ??= youngCollection();
  clear();
}

/**
 * A collection of what was allocated lately. V8 shows it to contexts that are made while a flag is set. It runs on this thread
 * alone: there is little to do, and on a busy machine waiting for a second thread takes longer than all of it.
 */
function youngCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  setFlagsFromString('--no-expose-gc');
  return () => {
    setFlagsFromString('--no-parallel-scavenge');
    collect({ type: 'minor' });
    setFlagsFromString('--parallel-scavenge');
  };
}
