import type { IncomingHttpHeaders } from 'node:http';

/** Where a request says it comes from, judged by Origin and Fetch Metadata. Absent passes; it is never the only defence. */
export interface OriginRules {
  isAllowed(headers: IncomingHttpHeaders): boolean;
  /** Whether a form comes from our own origin or an allowed one of the same site, and says so. */
  isOwnForm(headers: IncomingHttpHeaders): boolean;
  /** An origin of ALLOWED_ORIGINS, to be answered with CORS headers. */
  crossOrigin(headers: IncomingHttpHeaders): string | undefined;
}

export function createOriginRules(publicOrigin: string, allowedOrigins: readonly string[]): OriginRules {
  const allowed = new Set(allowedOrigins);
  const crossOrigin: OriginRules['crossOrigin'] = ({ origin }) =>
    origin !== undefined && origin !== publicOrigin && allowed.has(origin) ? origin : undefined;
  return {
    crossOrigin,
    isOwnForm: ({ origin, 'sec-fetch-site': site }) =>
      origin !== undefined && (origin === publicOrigin || allowed.has(origin)) && site !== 'cross-site',
    isAllowed: (headers) => {
      const { origin } = headers;
      if (origin !== undefined && origin !== publicOrigin && !allowed.has(origin)) return false;
      const site = headers['sec-fetch-site'];
      if (site === undefined || site === 'same-origin' || site === 'none') return true;
      return crossOrigin(headers) !== undefined;
    },
  };
}
