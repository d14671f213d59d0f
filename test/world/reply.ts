import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export type ReplyBody = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** An answer of a server in this world, healthy or not. */
export interface Reply {
  /** 200 when absent. */
  status?: number;
  /** A flat list of names and values is sent as it is, doubled names included. */
  headers?: OutgoingHttpHeaders | string[];
  body?: ReplyBody;
  /** Milliseconds, or a promise: passes before anything is sent. */
  wait?: number | Promise<unknown>;
  /** Status line and headers of an interim answer that is sent first, such as 103. */
  interim?: { status: number; headers: Record<string, string> };
  /** What follows the body: a proper `end`, the connection `cut`, or nothing at all (`hang`). */
  after?: 'end' | 'cut' | 'hang';
  /** `hang`: the request is read and never answered. `cut`: the connection ends without an answer. */
  instead?: 'hang' | 'cut';
}

/** JSON with the headers that RFC 6749 section 5.1 asks for. */
export function jsonReply(value: unknown, status = 200): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(value),
  };
}

export function htmlReply(html: string, status = 200): Reply {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: html };
}

export function redirectReply(location: string, status = 302): Reply {
  return { status, headers: { location } };
}

/** A body in pieces with `every` milliseconds before each one. */
export async function* drip(pieces: Iterable<string | Uint8Array>, every: number): AsyncGenerator<string | Uint8Array> {
  for (const piece of pieces) {
    await pause(every);
    yield piece;
  }
}

async function writePieces(res: ServerResponse, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  for await (const piece of pieces) {
    if (res.destroyed) return;
    if (!res.write(piece)) await Promise.race([once(res, 'drain'), once(res, 'close')]);
  }
}

/** Sends a reply. Resolves when nothing more will be written by it. */
export async function sendReply(res: ServerResponse, reply: Reply): Promise<void> {
  if (typeof reply.wait === 'number') await pause(reply.wait);
  else await reply.wait;
  if (res.destroyed || reply.instead === 'hang') return;
  if (reply.instead === 'cut') {
    res.socket?.destroy();
    return;
  }
  if (reply.interim) writeInterim(res, reply.interim);
  res.writeHead(reply.status ?? 200, reply.headers ?? {});
  const after = reply.after ?? 'end';
  if (
    after === 'end' &&
    (reply.body === undefined || typeof reply.body === 'string' || ArrayBuffer.isView(reply.body))
  ) {
    res.end(reply.body);
    return;
  }
  res.flushHeaders();
  if (typeof reply.body === 'string' || ArrayBuffer.isView(reply.body)) res.write(reply.body);
  else if (reply.body) await writePieces(res, reply.body);
  if (after === 'end') res.end();
  // A turn of the loop first, so that what was written leaves before the connection does.
  else if (after === 'cut') setImmediate(() => res.socket?.destroy());
}

function writeInterim(
  res: ServerResponse,
  { status, headers }: { status: number; headers: Record<string, string> },
): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  res.socket?.write(`HTTP/1.1 ${status} Interim\r\n${lines.join('')}\r\n`);
}
