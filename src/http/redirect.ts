import type { Response } from 'express';

/** A redirect without a body: the address of an authorization request holds the state and belongs into no page. */
export function redirect(res: Response, status: 302 | 303 | 308, address: string): void {
  const location = status === 308 ? address : withOwnFragment(address);
  res.status(status).setHeader('Location', location).end();
}

/**
 * A browser gives the fragment of the address it comes from to a Location without one (RFC 9110 section 10.2.2), and would so
 * carry what a provider wrote there into a page of the application. An empty fragment ends that. A 308 leads to the same page
 * by https: the fragment is the person's own and stays.
 */
function withOwnFragment(address: string): string {
  return address.includes('#') ? address : `${address}#`;
}
