import { randomFillSync } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import { traceparentOf } from './trace-context.js';

declare module 'express-serve-static-core' {
  interface Locals {
    requestId: string;
    /** W3C Trace Context; for correlation alone. */
    traceparent: string;
  }
}

/**
 * Every answer carries the id that the log and the error page name. A proxied answer gets it together with its other
 * headers: a single one set before makes Node.js put the whole head together piece by piece.
 */
export const requestId: RequestHandler = (req, res, next) => {
  res.locals.requestId = newRequestId();
  res.locals.traceparent = traceparentOf(req.headers);
  if (!req.url.startsWith('/proxy/')) tellRequestId(res);
  next();
};

export function tellRequestId(res: Response): void {
  res.setHeader('X-Request-Id', res.locals.requestId);
}

const idBytes = 9;
const pool = Buffer.alloc(idBytes * 1024);
let used = pool.length;

/** 72 random bits. They are drawn for many ids at a time, since each draw costs more than an id. */
export function newRequestId(): string {
  if (used + idBytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += idBytes;
  return pool.toString('base64url', used - idBytes, used);
}
