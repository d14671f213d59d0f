import { createHash } from 'node:crypto';
/** The challenge of an authorization request (RFC 7636 section 4.3); `malformed` where no server could accept it. */
export function readChallenge(query) {
    const value = query.get('code_challenge');
    const method = query.get('code_challenge_method') ?? 'plain';
    if (value === undefined)
        return query.get('code_challenge_method') === undefined ? undefined : 'malformed';
    if (method !== 'S256' && method !== 'plain')
        return 'malformed';
    return /^[A-Za-z0-9._~-]{43,128}$/.test(value) ? { method, value } : 'malformed';
}
/** RFC 7636 section 4.6. */
export function verifierMatches({ method, value }, verifier) {
    if (verifier === undefined || !/^[A-Za-z0-9._~-]{43,128}$/.test(verifier))
        return false;
    return value === (method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url'));
}
