import type { DestinationStream } from 'pino';

/** Where lines go that may wait a moment to be written together. */
export interface LineOutput extends DestinationStream {
  /** Writes what waits. */
  flush(): void;
}

/** Milliseconds that a line waits at most, and the characters that wait at most. */
const pauseMs = 20;
const mostWaiting = 65_536;

function together(destination: DestinationStream): LineOutput {
  let lines = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (lines === '') return;
    const waiting = lines;
    lines = '';
    destination.write(waiting);
  };
  process.on('exit', flush);
  return {
    write(line) {
      lines += line;
      if (lines.length > mostWaiting) flush();
      else timer ??= setTimeout(flush, pauseMs);
    },
    flush,
  };
}

/**
 * Writes the lines of some milliseconds together: under load a single system call for hundreds. What is left when the
 * process ends by itself is written then; warnings and errors are never kept waiting (`createLog`).
 */
export const standardOutput = together(process.stdout);
