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
  if (!req.url.startsWith('/proxy/')) setRequestId(res);
  next();
};

export function setRequestId(res: Response): void {
  res.setHeader('X-Request-Id', res.locals.requestId);
}

/** 72 random bits and 12 characters each. They are drawn for many ids at a time, since each draw costs more than an id. */
const idLength = 12;
const pool = Buffer.alloc(9 * 1024);
let drawn = '';
let used = 0;

export function newRequestId(): string {
  if (used === drawn.length) {
    drawn = randomFillSync(pool).toString('base64url');
    used = 0;
  }
  used += idLength;
  return drawn.slice(used - idLength, used);
}
