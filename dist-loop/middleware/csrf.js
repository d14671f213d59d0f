import { createHmac, randomBytes } from 'node:crypto';
import { parseCookie } from 'cookie';
import { GatehouseError } from '../errors.js';
import { isEqual } from '../sessions/session-id.js';
import { currentSession } from './session.js';
const day = 86_400;
export function createCsrf({ cookies, origins, secrets }) {
    const cookieOf = (req) => {
        const value = parseCookie(req.headers.cookie ?? '')[cookies.csrfName];
        return value !== undefined && /^[\w-]{22}$/.test(value) ? value : undefined;
    };
    const tokenFor = (secret, cookie, tag) => createHmac('sha256', secret).update(`csrf\n${cookie}\n${tag}`).digest('base64url');
    const isTokenOf = (token, cookie, tag) => secrets.some((secret) => isEqual(token, tokenFor(secret, cookie, tag)));
    return {
        token: (req, res) => {
            let cookie = cookieOf(req);
            if (cookie === undefined) {
                cookie = randomBytes(16).toString('base64url');
                res.append('Set-Cookie', cookies.header(cookies.csrfName, cookie, day));
                req.headers.cookie = [req.headers.cookie, `${cookies.csrfName}=${cookie}`].filter(Boolean).join('; ');
            }
            return tokenFor(secrets[0] ?? '', cookie, currentSession(req)?.id.tag ?? '');
        },
        protect: ({ anonymousToken = false } = {}) => {
            return (req, _res, next) => {
                if (!origins.isAllowed(req.headers))
                    throw originRefused();
                if (req.headers['x-csrf'] === '1') {
                    next();
                    return;
                }
                const cookie = cookieOf(req);
                const token = req.body?.['csrf_token'];
                const tags = new Set([currentSession(req)?.id.tag ?? '', ...(anonymousToken ? [''] : [])]);
                if (cookie !== undefined &&
                    typeof token === 'string' &&
                    [...tags].some((tag) => isTokenOf(token, cookie, tag))) {
                    next();
                    return;
                }
                throw new GatehouseError('csrf_required', 'Programs send the header X-CSRF: 1. A form has to be opened again: go back, reload the page and repeat the step.');
            };
        },
    };
}
export function originRefused() {
    return new GatehouseError('origin_not_allowed', 'The request comes from a page of another origin. Open this application itself, or list the origin in ALLOWED_ORIGINS.');
}
