import { decodeJwt } from 'jose';
import type { Provider } from '../providers/provider.js';
import { grantedScopes } from './scopes.js';
import type { TokenResponse } from './token-response.js';

/** The tokens of one grant, as stored (RFC 6749 section 5.1). Times are seconds since the epoch. */
export interface TokenSet {
  accessToken: string;
  refreshToken?: string;
  /** As granted; where the server never said, as asked for (RFC 6749 section 5.1). */
  scopes: readonly string[];
  obtainedAt: number;
  expiresAt: number;
  /** What the expiry was read from. */
  expirySource: 'expires_in' | 'expires_at' | 'default';
}

/**
 * Tokens of an answer. `previous` is the set being refreshed: a server that does not rotate refresh tokens, or does not
 * repeat the scope, leaves them out and the old values stay in force (RFC 6749 sections 5.1 and 6). The expiry is counted
 * from receipt by our own clock; an `expires_at` only ever shortens it.
 */
export function toTokenSet(response: TokenResponse, provider: Provider, now: number, previous?: TokenSet): TokenSet {
  const { accessToken, refreshToken = previous?.refreshToken, expiresIn } = response;
  const granted = response.scope ?? claimedScope(accessToken, provider.token.scopeClaim);
  const lifetime = expiresIn ?? provider.token.defaultLifetime;
  const stated = saneExpiresAt(response.expiresAt, now);
  const early = stated !== undefined && (expiresIn === undefined || stated < now + lifetime);
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    scopes: granted === undefined ? (previous?.scopes ?? provider.scopes) : grantedScopes(granted, provider),
    obtainedAt: now,
    expiresAt: early ? stated : now + lifetime,
    expirySource: early ? 'expires_at' : expiresIn === undefined ? 'default' : 'expires_in',
  };
}

/** Fresh means usable for longer than the leeway: a minute, or a quarter of a short life. */
export function isFresh({ obtainedAt, expiresAt }: TokenSet, now: number): boolean {
  return expiresAt - Math.min(60, (expiresAt - obtainedAt) / 4) > now;
}

export function isExpired({ expiresAt }: TokenSet, now: number): boolean {
  return expiresAt <= now;
}

/** What a self-contained access token says of itself, for display; nothing is decided by it, so nobody signed it for us. */
function claimedScope(accessToken: string, claim: string | undefined): string | undefined {
  if (claim === undefined) return undefined;
  try {
    const value = decodeJwt(accessToken)[claim];
    const scopes = [value].flat().filter((each) => typeof each === 'string');
    return scopes.length > 0 ? scopes.join(' ').slice(0, 4096) : undefined;
  } catch {
    return undefined;
  }
}

/** In the future and within a year; anything else is another clock's or another unit's. */
function saneExpiresAt(expiresAt: number | undefined, now: number): number | undefined {
  const whole = expiresAt === undefined ? undefined : Math.floor(expiresAt);
  return whole !== undefined && whole > now && whole <= now + 31_536_000 ? whole : undefined;
}
