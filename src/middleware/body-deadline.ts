import type { RequestHandler } from 'express';
import { createRefusals } from '../http/refusal.js';

/**
 * Ends a connection whose body has not arrived after `limitMs`. For the small bodies of our own routes: an upload through
 * the proxy may take any time.
 */
export function bodyDeadline(limitMs: number, https: boolean): RequestHandler {
  const { rawProblem } = createRefusals(https);
  return (req, res, next) => {
    if (!req.complete) {
      const overdue = setTimeout(() => {
        if (req.complete) return;
        if (!res.headersSent) req.socket.write(rawProblem('invalid_request', 408));
        req.socket.destroySoon();
      }, limitMs);
      const inTime = (): void => clearTimeout(overdue);
      req.once('end', inTime).once('close', inTime);
    }
    next();
  };
}
