import type { GivenVariables } from '../read-variables.js';
import type { Surroundings } from './command.js';

/** The terminal, or the pipe, that the process was started from. */
export function processSurroundings(given: GivenVariables): Surroundings {
  const { stdout, stderr } = process;
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write('\r\u001b[K');
    shown = false;
  };
  return {
    ...given,
    write: (text) => {
      clear();
      stdout.write(text);
    },
    note: (text) => {
      clear();
      stderr.write(text);
    },
    progress: (text) => {
      clear();
      if (!stderr.isTTY || text === '') return;
      stderr.write(`${text} ...`);
      shown = true;
    },
    now: Date.now,
  };
}
