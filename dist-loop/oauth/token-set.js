/**
 * Tokens of an answer. `previous` is the set being refreshed: a server that does not rotate refresh tokens, or does not
 * repeat the scope, leaves them out and the old values stay in force (RFC 6749 sections 5.1 and 6). The expiry is counted
 * from receipt by our own clock; an `expires_at` only ever shortens it.
 */
export function toTokenSet(response, provider, now, previous) {
    const { accessToken, refreshToken = previous?.refreshToken, scope, expiresIn } = response;
    const lifetime = expiresIn ?? provider.token.defaultLifetime;
    const stated = saneExpiresAt(response.expiresAt, now);
    const early = stated !== undefined && (expiresIn === undefined || stated < now + lifetime);
    return {
        accessToken,
        ...(refreshToken === undefined ? {} : { refreshToken }),
        scopes: scope?.split(/\s+/).filter((each) => each !== '') ?? previous?.scopes ?? provider.scopes,
        obtainedAt: now,
        expiresAt: early ? stated : now + lifetime,
        expirySource: early ? 'expires_at' : expiresIn === undefined ? 'default' : 'expires_in',
    };
}
/** Fresh means usable for longer than the leeway: a minute, or a quarter of a short life. */
export function isFresh({ obtainedAt, expiresAt }, now) {
    return expiresAt - Math.min(60, (expiresAt - obtainedAt) / 4) > now;
}
export function isExpired({ expiresAt }, now) {
    return expiresAt <= now;
}
/** In the future and within a year; anything else is another clock's or another unit's. */
function saneExpiresAt(expiresAt, now) {
    const whole = expiresAt === undefined ? undefined : Math.floor(expiresAt);
    return whole !== undefined && whole > now && whole <= now + 31_536_000 ? whole : undefined;
}
