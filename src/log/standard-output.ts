import type { DestinationStream } from 'pino';

/** Where lines go that may wait a moment to be written together. */
export interface LineOutput extends DestinationStream {
  /** Writes what waits. */
  flush(): void;
}

/** Milliseconds that a line waits at most, and the bytes that wait at most. */
const pauseMs = 20;
const mostWaiting = 65_536;
/** Bytes that a character takes at most. */
const widest = 3;

/**
 * Each line becomes bytes at once: as text it would be copied again and again while it waits. A buffer is filled anew when the
 * stream has done with it.
 */
function bufferLines(stream: NodeJS.WritableStream): LineOutput {
  const spare: Buffer<ArrayBuffer>[] = [];
  let waiting = Buffer.allocUnsafeSlow(mostWaiting);
  let used = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (used === 0) return;
    const full = waiting;
    stream.write(full.subarray(0, used), () => spare.push(full));
    waiting = spare.pop() ?? Buffer.allocUnsafeSlow(mostWaiting);
    used = 0;
  };
  process.on('exit', flush);
  return {
    write(line) {
      if (used + line.length * widest > mostWaiting) flush();
      if (line.length * widest > mostWaiting) {
        stream.write(line);
        return;
      }
      used += waiting.write(line, used);
      timer ??= setTimeout(flush, pauseMs);
    },
    flush,
  };
}

/**
 * The reader of a pipe can go away (EPIPE), and a disk can be full (ENOSPC). An error of these streams that has no listener
 * is an uncaught exception, whose own line would fail the same way, again and again. What cannot be written is lost, the
 * process goes on, and later lines are written once that is possible.
 */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/**
 * Writes the lines of some milliseconds together: under load a single system call for hundreds. What is left when the
 * process ends by itself is written then; warnings and errors are never kept waiting (`createLog`).
 */
export const standardOutput = bufferLines(process.stdout);
