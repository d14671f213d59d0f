import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { ownHeaders } from '../http/own-headers.js';

/**
 * The headers of our own pages and JSON. Tried in a browser: a form that is answered with a redirect to a provider needs
 * `form-action https:`, since a provider may redirect on; `same-origin` as referrer policy, since with `no-referrer`
 * Chromium sends `Origin: null` with our own forms; and no opener policy, which would cut a pop-up from its opener.
 */
export function securityHeaders({ https, production }: { https: boolean; production: boolean }): RequestHandler[] {
  const loopback = production ? [] : ['http://127.0.0.1:*', 'http://localhost:*'];
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'"],
        formAction: ["'self'", 'https:', ...loopback],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
      },
    },
    crossOriginOpenerPolicy: false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  });
  const unkept: RequestHandler = (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('X-Robots-Tag', 'noindex');
    next();
  };
  return [headers, unkept];
}

/** The few of them that also go with what is answered before they are set: errors of proxied calls, health. */
export function plainHeaders(https: boolean): RequestHandler {
  return (_req, res, next) => {
    setPlainHeaders(res, https);
    next();
  };
}

export function setPlainHeaders(res: Response, https: boolean): void {
  if (res.hasHeader('Content-Security-Policy')) return;
  for (const [name, value] of Object.entries(ownHeaders(https))) res.setHeader(name, value);
}
