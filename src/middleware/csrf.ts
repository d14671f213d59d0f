import { createHmac, randomBytes } from 'node:crypto';
import { parseCookie } from 'cookie';
import type { Request, RequestHandler, Response } from 'express';
import { GatehouseError } from '../errors.js';
import type { Cookies } from '../sessions/cookies.js';
import { isSameSecret } from '../is-same-secret.js';
import type { OriginRules } from './origin.js';
import { currentSession } from './session.js';

/**
 * Proof that a request comes from our own pages or from the front end: the header `X-CSRF: 1`, which no foreign page can
 * send without our leave, or a form's hidden token, an HMAC over a cookie and the session. Origin and Fetch Metadata are
 * checked besides.
 */
export interface Csrf {
  /** The token for a form on a page, and its cookie if the browser has none yet. */
  token(req: Request, res: Response): string;
  /** Before the body is read: refuses a request that carries no proof and whose body cannot hold one either. */
  expectProof: RequestHandler;
  /** Refuses a request without proof. `anonymousToken`: a form that was opened before the session began will do, too. */
  protect(options?: { anonymousToken?: boolean }): RequestHandler;
}

interface Dependencies {
  cookies: Cookies;
  origins: OriginRules;
  /** The first makes tokens, all verify. */
  secrets: readonly string[];
}

const day = 86_400;

export function createCsrf({ cookies, origins, secrets }: Dependencies): Csrf {
  const cookieOf = (req: Request) => {
    const value = parseCookie(req.headers.cookie ?? '')[cookies.csrfName];
    return value !== undefined && /^[\w-]{22}$/.test(value) ? value : undefined;
  };
  const tokenFor = (secret: string, cookie: string, browserId: string) =>
    createHmac('sha256', secret).update(`csrf\n${cookie}\n${browserId}`).digest('base64url');
  const isTokenOf = (token: string, cookie: string, browserId: string) =>
    secrets.some((secret) => isSameSecret(token, tokenFor(secret, cookie, browserId)));

  return {
    token: (req, res) => {
      let cookie = cookieOf(req);
      if (cookie === undefined) {
        cookie = randomBytes(16).toString('base64url');
        res.append('Set-Cookie', cookies.header(cookies.csrfName, cookie, day));
        req.headers.cookie = [req.headers.cookie, `${cookies.csrfName}=${cookie}`].filter(Boolean).join('; ');
      }
      return tokenFor(secrets[0] ?? '', cookie, currentSession(req)?.id.browserId ?? '');
    },

    expectProof: (req, _res, next) => {
      if (!origins.isAllowed(req.headers)) throw originRefused();
      if (req.headers['x-csrf'] !== '1' && cookieOf(req) === undefined) throw csrfRequired();
      next();
    },

    protect: ({ anonymousToken = false } = {}) => {
      return (req, _res, next) => {
        if (req.headers['x-csrf'] === '1') {
          next();
          return;
        }
        const cookie = cookieOf(req);
        const token: unknown = (req.body as Record<string, unknown> | undefined)?.['csrf_token'];
        const tags = new Set([currentSession(req)?.id.browserId ?? '', ...(anonymousToken ? [''] : [])]);
        if (
          cookie !== undefined &&
          typeof token === 'string' &&
          [...tags].some((browserId) => isTokenOf(token, cookie, browserId))
        ) {
          next();
          return;
        }
        throw csrfRequired();
      };
    },
  };
}

function csrfRequired(): GatehouseError {
  return new GatehouseError(
    'csrf_required',
    'Programs send the header X-CSRF: 1. A form has to be opened again: go back, reload the page and repeat the step.',
  );
}

/** For a form that an application posts, which knows no token of ours. */
export function fromOurOrigins(origins: OriginRules): RequestHandler {
  return (req, _res, next) => {
    if (!origins.isOwnForm(req.headers)) throw originRefused();
    next();
  };
}

export function originRefused(): GatehouseError {
  return new GatehouseError(
    'origin_not_allowed',
    'The request comes from a page of another origin. Open this application itself, or list the origin in ALLOWED_ORIGINS.',
  );
}
