import { createHash, randomBytes } from 'node:crypto';
/** 256 random bits, base64url: a state, a nonce, or a PKCE verifier of 43 characters (RFC 7636 section 4.1). */
export function randomValue() {
    return randomBytes(32).toString('base64url');
}
/** RFC 7636 section 4.2, S256. */
export function codeChallenge(verifier) {
    return createHash('sha256').update(verifier, 'ascii').digest('base64url');
}
