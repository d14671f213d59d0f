import type { Response } from 'express';
import { isConnectionId, isOfProvider } from '../../connections/cell.js';
import type { Addresses } from '../../config/addresses.js';
import type { Cookies } from '../../sessions/cookies.js';

/**
 * Where the way back leads to the page of the connection, tells that page that the person comes from the provider: the browser
 * says `cross-site` of this navigation as of one that another site's link began.
 */
export function markArrival(
  { cookies, addresses }: { cookies: Cookies; addresses: Addresses },
  res: Response,
  provider: string,
  location: string,
): void {
  const { origin, pathname } = new URL(location);
  const key = `${origin}${pathname}`.slice(addresses.of('/connections/').length);
  const isPage = `${origin}${pathname}` === addresses.of(`/connections/${key}`);
  if (isPage && (key === provider || (isConnectionId(key) && isOfProvider(key, provider))))
    res.append('Set-Cookie', cookies.header(cookies.arrivedName, provider, 60));
}
