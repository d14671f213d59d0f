import type { Request, RequestHandler } from 'express';
import type { OriginRules } from './origin.js';
import { setRequestId } from '../http/request-id.js';
import { setPlainHeaders } from './security-headers.js';

/** CORS for the front end's own origins (ALLOWED_ORIGINS), with credentials and never with a wildcard. */
export interface CrossOrigin {
  /** Answers a preflight here, whatever it asks for; it is never forwarded. Adds the headers to other answers. */
  middleware: RequestHandler;
  headers(req: Request): [string, string][];
  /** The same without the names that may be read: a proxied response tells its own. */
  sharing(req: Request): [string, string][];
  /** The names that a page of another origin, one of ALLOWED_ORIGINS, may read of any response; undefined for others. */
  exposedTo(req: Request): string | undefined;
}

/** What a page of another origin may read of a response of ours. Of an API's it may read every header that passes. */
const alwaysExposed = [
  ...['X-Request-Id', 'X-Gatehouse-Error', 'X-Gatehouse-Reason', 'Retry-After', 'Link', 'Location', 'ETag'],
  ...['Content-Disposition', 'Allow', 'RateLimit', 'RateLimit-Policy'],
];

export interface CrossOriginOptions {
  origins: OriginRules;
  /** Whether ALLOWED_ORIGINS names any. */
  anyAllowed: boolean;
  https: boolean;
  /** Further headers of EXPOSED_HEADERS. */
  exposed?: readonly string[];
  /** The methods that an address of ours may be asked with. */
  methodsOf: (url: string) => readonly string[];
}

export function createCrossOrigin({
  origins,
  anyAllowed,
  https,
  exposed = [],
  methodsOf,
}: CrossOriginOptions): CrossOrigin {
  const names = [...alwaysExposed, ...exposed].join(', ');
  const sharing: CrossOrigin['sharing'] = (req) => {
    if (!anyAllowed) return [];
    const origin = origins.crossOrigin(req.headers);
    if (origin === undefined) return [['Vary', 'Origin']];
    return [
      ['Access-Control-Allow-Origin', origin],
      ['Access-Control-Allow-Credentials', 'true'],
      ['Vary', 'Origin'],
    ];
  };
  const exposedTo: CrossOrigin['exposedTo'] = (req) =>
    anyAllowed && origins.crossOrigin(req.headers) !== undefined ? names : undefined;
  const headers: CrossOrigin['headers'] = (req) =>
    exposedTo(req) === undefined ? sharing(req) : [...sharing(req), ['Access-Control-Expose-Headers', names]];
  return {
    headers,
    sharing,
    exposedTo,
    middleware: (req, res, next) => {
      if (req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined) {
        setRequestId(res);
        res.setHeader('Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
        const origin = origins.crossOrigin(req.headers);
        if (origin !== undefined) {
          res.setHeader('Access-Control-Allow-Origin', origin);
          res.setHeader('Access-Control-Allow-Credentials', 'true');
          res.setHeader('Access-Control-Allow-Methods', methodsOf(req.url).join(', '));
          const wanted = req.headers['access-control-request-headers'];
          if (wanted !== undefined && /^[\w\-, ]{1,1024}$/.test(wanted))
            res.setHeader('Access-Control-Allow-Headers', wanted);
          res.setHeader('Access-Control-Max-Age', '600');
        }
        setPlainHeaders(res, https);
        res.status(204).end();
        return;
      }
      if (anyAllowed && !req.url.startsWith('/proxy/'))
        for (const [name, value] of headers(req)) res.append(name, value);
      next();
    },
  };
}
