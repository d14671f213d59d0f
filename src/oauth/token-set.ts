import { compact } from '../compact.js';
import type { Provider } from '../providers/provider.js';
import { jwtClaims } from './jwt-claims.js';
import { grantedScopes } from './scopes.js';
import type { TokenResponse } from './token-response.js';

/** The tokens of one grant, as stored (RFC 6749 section 5.1). Times are milliseconds since the epoch, whole seconds. */
export interface TokenSet {
  accessToken: string;
  refreshToken?: string;
  /** As granted; where the server never said, as asked for (RFC 6749 section 5.1). */
  scopes: readonly string[];
  obtainedAt: number;
  /** Absent where the access token has no end. */
  expiresAt?: number;
  /** What the expiry was read from; `access_token`: the claim exp of a JWT. */
  expirySource: 'expires_in' | 'expires_at' | 'access_token' | 'default';
}

/**
 * Tokens of a response. `previous` is the set being refreshed: a server that does not rotate refresh tokens, or does not
 * repeat the scope, leaves them out and the old values stay in force (RFC 6749 sections 5.1 and 6). The expiry is counted
 * from receipt by our own clock; an `expires_at` only ever shortens it.
 */
export function toTokenSet(response: TokenResponse, provider: Provider, now: number, previous?: TokenSet): TokenSet {
  const obtainedAt = wholeSecond(now);
  const { accessToken, refreshToken = previous?.refreshToken } = response;
  const granted = response.scope ?? claimedScope(accessToken, provider.token.scopeClaim);
  return compact({
    accessToken,
    refreshToken,
    scopes: granted === undefined ? (previous?.scopes ?? provider.scopes) : grantedScopes(granted, provider),
    obtainedAt,
    ...expiry(response, provider.token.defaultLifetime, obtainedAt),
  });
}

/** In this order: what the response states, what a JWT says of itself, the provider file. */
function expiry(
  { accessToken, expiresIn, expiresAt }: TokenResponse,
  defaultLifetime: number | 'never',
  obtainedAt: number,
): { expiresAt: number | undefined; expirySource: TokenSet['expirySource'] } {
  const counted = typeof expiresIn === 'number' ? obtainedAt + expiresIn * 1000 : undefined;
  const stated = expiresIn === 'never' ? undefined : plausible(expiresAt, obtainedAt);
  if (stated !== undefined && (counted === undefined || stated < counted))
    return { expiresAt: stated, expirySource: 'expires_at' };
  if (expiresIn !== undefined) return { expiresAt: counted, expirySource: 'expires_in' };
  const claimed = plausible(claimedExpiry(accessToken), obtainedAt);
  if (claimed !== undefined) return { expiresAt: claimed, expirySource: 'access_token' };
  const lifetimeMs = defaultLifetime === 'never' ? undefined : defaultLifetime * 1000;
  return { expiresAt: lifetimeMs && obtainedAt + lifetimeMs, expirySource: 'default' };
}

/** The moment without its fraction of a second: stored times have none. */
export function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/**
 * Fresh means usable for longer than the leeway: a minute or a quarter of a short life, or what the provider file says, but
 * half of the life at most.
 */
export function isFresh(
  { obtainedAt, expiresAt }: TokenSet,
  now: number,
  { token: { renewBefore } }: Pick<Provider, 'token'>,
): boolean {
  if (expiresAt === undefined) return true;
  const lifeMs = expiresAt - obtainedAt;
  const leewayMs = renewBefore === undefined ? Math.min(60_000, lifeMs / 4) : Math.min(renewBefore * 1000, lifeMs / 2);
  return expiresAt - leewayMs > now;
}

export function isExpired({ expiresAt }: TokenSet, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** What a self-contained access token says of itself, for display; nothing is decided by it, as its signature is not checked. */
function claimedScope(accessToken: string, claim: string | undefined): string | undefined {
  if (claim === undefined) return undefined;
  const scopes = [jwtClaims(accessToken)?.[claim]].flat().filter((each) => typeof each === 'string');
  return scopes.length > 0 ? scopes.join(' ').slice(0, 4096) : undefined;
}

/** Milliseconds since the epoch (RFC 7519 section 4.1.4). */
function claimedExpiry(accessToken: string): number | undefined {
  const exp = jwtClaims(accessToken)?.['exp'];
  return typeof exp === 'number' ? exp * 1000 : undefined;
}

const yearMs = 31_536_000_000;

/** In the future and within a year; anything else is another clock's or another unit's. */
function plausible(time: number | undefined, now: number): number | undefined {
  const whole = time === undefined ? undefined : wholeSecond(time);
  return whole !== undefined && whole > now && whole <= now + yearMs ? whole : undefined;
}
