import { isIP } from 'node:net';

export type FetchSite = 'none' | 'same-origin' | 'same-site' | 'cross-site';

const distance: FetchSite[] = ['none', 'same-origin', 'same-site', 'cross-site'];

function registrableDomain({ hostname }: URL): string {
  return isIP(hostname.replace(/^\[|\]$/g, '')) ? hostname : hostname.split('.').slice(-2).join('.');
}

/** Sec-Fetch-Site of a request from a page to an address; no page means typed into the address bar. */
export function fetchSite(from: URL | undefined, to: URL): FetchSite {
  if (!from) return 'none';
  if (from.origin === to.origin) return 'same-origin';
  return from.protocol === to.protocol && registrableDomain(from) === registrableDomain(to)
    ? 'same-site'
    : 'cross-site';
}

/** A redirect chain counts as far away as its farthest step. */
export function farther(a: FetchSite, b: FetchSite): FetchSite {
  return distance.indexOf(a) > distance.indexOf(b) ? a : b;
}
