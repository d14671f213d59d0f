import type { ServerResponse } from 'node:http';

interface Ending {
  res: ServerResponse;
  last: Buffer | undefined;
}

let endings: Ending[] = [];

/**
 * Ends a response with its last bytes, once everything is read that has come in at the same time. Sending wakes the process
 * at the other end, which costs more than all else that is done for a small response; responses that are sent one right after
 * the other wake it once.
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
