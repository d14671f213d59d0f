import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
export function newSessionId(tag = newTag()) {
    return { tag, secret: randomBytes(32).toString('base64url') };
}
/** 128 random bits. */
export function newTag() {
    return randomBytes(16).toString('base64url');
}
export function formatSessionId({ tag, secret }) {
    return `${tag}.${secret}`;
}
export function parseSessionId(text) {
    const [, tag, secret] = /^([\w-]{22})\.([\w-]{43})$/.exec(text) ?? [];
    return tag === undefined || secret === undefined ? undefined : { tag, secret };
}
export function hashSecret(secret) {
    return createHash('sha256').update(secret, 'ascii').digest('base64url');
}
/** In constant time. */
export function isEqual(one, other) {
    const [a, b] = [Buffer.from(one), Buffer.from(other)];
    return a.length === b.length && timingSafeEqual(a, b);
}
