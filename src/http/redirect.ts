import type { Response } from 'express';

/** A redirect without a body: the address of an authorization request holds the state and belongs into no page. */
export function redirect(res: Response, status: 302 | 303 | 308, address: string): void {
  const inherits = res.req.method !== 'POST' && status !== 308;
  const location = inherits ? withOwnFragment(address) : address;
  res.status(status).setHeader('Location', location).end();
}

/**
 * A browser gives the fragment of the address it comes from to a Location without one (RFC 9110 section 10.2.2), and would so
 * carry what a provider wrote there into a page of the application. An empty fragment ends that. A form's
 * request carries none. A 308 leads to the same page
 * by https: the fragment is the person's own and stays.
 */
function withOwnFragment(address: string): string {
  return address.includes('#') ? address : `${address}#`;
}
