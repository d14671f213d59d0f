import type { ServerResponse } from 'node:http';

interface Ending {
  res: ServerResponse;
  last: Buffer | undefined;
}

let endings: Ending[] = [];

/**
 * Ends an answer with its last bytes, once everything is read that has come in at the same time. Sending wakes whoever
 * waits at the other end, which costs a process more than all else that it does for a small answer; answers that are sent
 * one right after the other wake it once.
 */
export function endInBatch(res: ServerResponse, last: Buffer | undefined): void {
  if (endings.length === 0) setImmediate(endAll);
  endings.push({ res, last });
}

function endAll(): void {
  const all = endings;
  endings = [];
  for (const { res, last } of all) if (!res.destroyed) res.end(last);
}
