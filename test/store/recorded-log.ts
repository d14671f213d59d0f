import { createLog, type Log } from '../../src/log/log.js';

/** A log at debug level whose lines can be read: what an operator would see. */
export function recordedLog(): { log: Log; text: () => string; events: () => string[] } {
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    format: 'json',
    destination: { write: (line: string) => void lines.push(line) },
  });
  return {
    log,
    text: () => lines.join(''),
    events: () => lines.map((line) => (JSON.parse(line) as { event: string }).event),
  };
}
