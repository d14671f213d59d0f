import type { Response } from 'express';

/** A redirect without a body: the address of an authorization request holds the state and belongs into no page. */
export function redirect(res: Response, status: 302 | 303, address: string): void {
  res.status(status).setHeader('Location', address).end();
}
