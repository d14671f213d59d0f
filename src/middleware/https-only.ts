import type { RequestHandler } from 'express';
import { GatehouseError } from '../errors.js';
import type { Log } from '../log.js';
import { tellRequestId } from './request-id.js';

interface Dependencies {
  https: boolean;
  /** The absolute address of a path of ours. */
  address: (path: string) => string;
  /** Whether any address is trusted to say how the browser came. */
  trusting: boolean;
  log: Log;
}

/**
 * Where PUBLIC_URL is https, a browser that came over http is sent there, or refused where its request cannot be repeated.
 * Only a trusted proxy can say how a browser came; without one this server stands behind TLS by configuration.
 */
export function httpsOnly({ https, address, trusting, log }: Dependencies): RequestHandler {
  let warned = false;
  return (req, res, next) => {
    const forwarded = req.headers['x-forwarded-proto'] ?? req.headers['x-forwarded-for'];
    if (forwarded !== undefined && !trusting && !warned) {
      warned = true;
      log.warn('proxy.untrusted', {
        hint: 'X-Forwarded-* arrives and TRUST_PROXY is not set: it is ignored, and limits per address are shared by all who come that way',
      });
    }
    if (!https || !trusting || req.protocol !== 'http' || req.headers['x-forwarded-proto'] === undefined) {
      next();
      return;
    }
    if (req.method !== 'GET' && req.method !== 'HEAD')
      throw new GatehouseError('invalid_request', 'This server is used over https only.');
    tellRequestId(res);
    res.setHeader('Cache-Control', 'no-store');
    res.redirect(308, address(req.url));
  };
}
