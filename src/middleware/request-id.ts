import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';

declare module 'express-serve-static-core' {
  interface Locals {
    requestId: string;
  }
}

/** Every answer carries the id that the log and the error page name. */
export const requestId: RequestHandler = (_req, res, next) => {
  res.locals.requestId = newRequestId();
  res.setHeader('X-Request-Id', res.locals.requestId);
  next();
};

export function newRequestId(): string {
  return randomBytes(9).toString('base64url');
}
