import type { Request, RequestHandler } from 'express';
import type { OriginRules } from './origin.js';
import { setRequestId } from '../http/request-id.js';
import { setPlainHeaders } from './security-headers.js';

/** CORS for the front end's own origins (ALLOWED_ORIGINS), with credentials and never with a wildcard. */
export interface CrossOrigin {
  /** Answers a preflight here, whatever it asks for; it is never forwarded. Adds the headers to other answers. */
  middleware: RequestHandler;
  headers(req: Request): [string, string][];
}

const exposed = [
  'X-Request-Id',
  'X-Gatehouse-Error',
  'Retry-After',
  'Link',
  'Location',
  'ETag',
  'Content-Range',
  'X-Total-Count',
  'X-Upstream-Request-Id',
  'Content-Disposition',
  'Allow',
  'RateLimit',
  'RateLimit-Policy',
  ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  ...['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'],
];

export function createCrossOrigin(origins: OriginRules, anyAllowed: boolean, https: boolean): CrossOrigin {
  const headers: CrossOrigin['headers'] = (req) => {
    if (!anyAllowed) return [];
    const origin = origins.crossOrigin(req.headers);
    if (origin === undefined) return [['Vary', 'Origin']];
    return [
      ['Access-Control-Allow-Origin', origin],
      ['Access-Control-Allow-Credentials', 'true'],
      ['Access-Control-Expose-Headers', exposed.join(', ')],
      ['Vary', 'Origin'],
    ];
  };
  return {
    headers,
    middleware: (req, res, next) => {
      if (req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined) {
        setRequestId(res);
        res.setHeader('Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
        const origin = origins.crossOrigin(req.headers);
        if (origin !== undefined) {
          res.setHeader('Access-Control-Allow-Origin', origin);
          res.setHeader('Access-Control-Allow-Credentials', 'true');
          res.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
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
