import { parse } from 'tldts';

/**
 * Whether a browser sends a SameSite=Lax cookie of one address with a script's call from the other: the same scheme and the
 * same registrable domain by the public suffix list, private suffixes such as `github.io` included. Ports do not matter
 * (RFC 6265bis section 5.2).
 */
export function isSameSite(one: URL, other: URL): boolean {
  if (one.protocol !== other.protocol) return false;
  if (one.hostname === other.hostname) return true;
  const [left, right] = [one, other].map(({ hostname }) => parse(hostname, { allowPrivateDomains: true }).domain);
  return left !== null && left !== undefined && left === right;
}
