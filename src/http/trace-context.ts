import { randomFillSync } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What ties the log lines of a request together, and those of other programs to them. Never used for anything else. */
export interface Trace {
  requestId: string;
  /** W3C Trace Context, version 00. */
  traceparent: string;
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTrace = '0'.repeat(32);
const noParent = '0'.repeat(16);

/**
 * The traceparent that came, where it is valid (W3C Trace Context section 3.2.2), in the form of version 00; undefined
 * otherwise, and then a tracestate that came with it means nothing either (section 3.3). Two of them arrive joined by a
 * comma and are none.
 */
export function readTraceparent(value: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string' || value.length < 55 || value.length > 512) return undefined;
  const [, version, trace, parent, flags = '00', rest] = pattern.exec(value) ?? [];
  if (version === undefined || version === 'ff' || trace === noTrace || parent === noParent) return undefined;
  if (version === '00') return rest === undefined ? value : undefined;
  return `00-${trace}-${parent}-${(Number.parseInt(flags, 16) & 1) === 1 ? '01' : '00'}`;
}

/**
 * The traceparent of a request: the valid one that came, otherwise a new one that is not sampled. This server records no
 * spans, so that the parent id stays as it came: one of its own would be a parent that nobody ever sees.
 */
export function traceparentOf({ traceparent }: IncomingHttpHeaders): string {
  return readTraceparent(traceparent) ?? newTraceparent();
}

/** What an upstream is sent: the request's traceparent, and the tracestate if the caller's traceparent was valid. */
export function traceHeaders({ traceparent: came, tracestate }: IncomingHttpHeaders, traceparent: string): string[] {
  if (typeof tracestate === 'string' && readTraceparent(came) !== undefined)
    return ['traceparent', traceparent, 'tracestate', tracestate];
  return ['traceparent', traceparent];
}

/** Random digits are drawn for many at a time, since each draw costs more than an id. */
const pool = Buffer.alloc(24 * 512);
let drawn = '';
let used = 0;

function newTraceparent(): string {
  for (;;) {
    if (used === drawn.length) {
      drawn = randomFillSync(pool).toString('hex');
      used = 0;
    }
    const trace = drawn.slice(used, used + 32);
    const parent = drawn.slice(used + 32, used + 48);
    used += 48;
    if (trace !== noTrace && parent !== noParent) return `00-${trace}-${parent}-00`;
  }
}
