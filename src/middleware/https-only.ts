import type { RequestHandler } from 'express';
import { redirect } from '../http/redirect.js';
import { GatehouseError } from '../errors.js';
import type { Log } from '../log/log.js';
import { setRequestId } from '../http/request-id.js';
import { setPlainHeaders } from './security-headers.js';

interface Dependencies {
  https: boolean;
  /** The absolute address of a path of ours. */
  address: (path: string) => string;
  log: Log;
}

/**
 * Where PUBLIC_URL is https, a browser that came over http is sent there, or refused where its request cannot be repeated.
 * Only a trusted proxy can say how a browser came; without one this server stands behind TLS by configuration.
 */
export function httpsOnly({ https, address, log }: Dependencies): RequestHandler {
  let warned = false;
  return (req, res, next) => {
    const { headers } = req;
    const forwarded = headers['x-forwarded-proto'] ?? headers['x-forwarded-for'] ?? headers['x-forwarded-host'];
    const isTrusted = req.app.get('trust proxy fn') as (address: string | undefined, hops: number) => boolean;
    const trusted = forwarded !== undefined && isTrusted(req.socket.remoteAddress, 0);
    if (forwarded !== undefined && !trusted && !warned) {
      warned = true;
      log.warn('proxy.untrusted', {
        hint: 'X-Forwarded-* arrives from an address that TRUST_PROXY does not name: it is ignored, and limits per address are shared by all who come that way',
      });
    }
    if (!https || !trusted || req.protocol.toLowerCase() !== 'http' || headers['x-forwarded-proto'] === undefined) {
      next();
      return;
    }
    if (req.method !== 'GET' && req.method !== 'HEAD')
      throw new GatehouseError('invalid_request', 'This server is used over https only.');
    setRequestId(res);
    setPlainHeaders(res, https);
    redirect(res, 308, address(req.url));
  };
}
