import type { RequestHandler } from 'express';
import { isLoopback } from '../config/loopback.js';
import { redirect } from '../http/redirect.js';

/**
 * In development a person may type 127.0.0.1 where PUBLIC_URL says localhost. To a browser these are two sites: the cookie
 * of one is not sent to the other, and forms would be refused. The page is opened under its right name instead.
 */
export function oneLoopbackName(publicUrl: URL): RequestHandler {
  return (req, res, next) => {
    const address = `http://${req.headers.host ?? ''}`;
    const asked = URL.canParse(address) ? new URL(address) : undefined;
    const isPage = req.method === 'GET' && req.headers['sec-fetch-mode'] === 'navigate' && req.path === '/';
    if (
      isPage &&
      asked &&
      isLoopback(publicUrl.hostname) &&
      isLoopback(asked.hostname) &&
      asked.host !== publicUrl.host
    )
      redirect(res, 302, publicUrl.href);
    else next();
  };
}
