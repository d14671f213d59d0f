import { decodeJwt } from 'jose';
import type { Provider } from '../providers/provider.js';
import { grantedScopes } from './scopes.js';
import type { TokenResponse } from './token-response.js';

/** The tokens of one grant, as stored (RFC 6749 section 5.1). Times are milliseconds since the epoch, whole seconds. */
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
  const obtainedAt = wholeSecond(now);
  const { accessToken, refreshToken = previous?.refreshToken, expiresIn } = response;
  const granted = response.scope ?? claimedScope(accessToken, provider.token.scopeClaim);
  const lifetimeMs = (expiresIn ?? provider.token.defaultLifetime) * 1000;
  const stated = saneExpiresAt(response.expiresAt, obtainedAt);
  const early = stated !== undefined && (expiresIn === undefined || stated < obtainedAt + lifetimeMs);
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    scopes: granted === undefined ? (previous?.scopes ?? provider.scopes) : grantedScopes(granted, provider),
    obtainedAt,
    expiresAt: early ? stated : obtainedAt + lifetimeMs,
    expirySource: early ? 'expires_at' : expiresIn === undefined ? 'default' : 'expires_in',
  };
}

/** The moment without its fraction of a second: stored times have none. */
export function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** Fresh means usable for longer than the leeway: a minute, or a quarter of a short life. */
export function isFresh({ obtainedAt, expiresAt }: TokenSet, now: number): boolean {
  return expiresAt - Math.min(60_000, (expiresAt - obtainedAt) / 4) > now;
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

const yearMs = 31_536_000_000;

/** `expiresAt` is in seconds, as on the wire. In the future and within a year; anything else is another clock's or another unit's. */
function saneExpiresAt(expiresAt: number | undefined, now: number): number | undefined {
  const whole = expiresAt === undefined ? undefined : Math.floor(expiresAt) * 1000;
  return whole !== undefined && whole > now && whole <= now + yearMs ? whole : undefined;
}
