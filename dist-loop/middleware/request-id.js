import { randomBytes } from 'node:crypto';
/**
 * Every answer carries the id that the log and the error page name. A proxied answer gets it together with its other
 * headers: a single one set before makes Node.js put the whole head together piece by piece.
 */
export const requestId = (req, res, next) => {
    res.locals.requestId = newRequestId();
    if (!req.url.startsWith('/proxy/'))
        tellRequestId(res);
    next();
};
export function tellRequestId(res) {
    res.setHeader('X-Request-Id', res.locals.requestId);
}
const idBytes = 9;
let pool = Buffer.alloc(0);
let used = 0;
/** 72 random bits. They are drawn for many ids at a time, since each draw costs more than an id. */
export function newRequestId() {
    if (used + idBytes > pool.length) {
        pool = randomBytes(idBytes * 256);
        used = 0;
    }
    used += idBytes;
    return pool.toString('base64url', used - idBytes, used);
}
