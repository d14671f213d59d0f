import type { JsonWebKeys } from './json-web-keys.js';
import {
  clockToleranceMs,
  isSubject,
  readHeader,
  SignedClaimsError,
  verifySignedClaims,
  type SignerExpectation,
} from './signed-claims.js';

/** Whose sessions end, as an authorization server says it (OpenID Connect Back-Channel Logout 1.0 section 2.4). */
export interface LogoutToken {
  iss: string;
  /** One of the two is there, or both. */
  sub?: string;
  sid?: string;
  jti: string;
  /** Milliseconds for which the token could still come again. */
  repeatableMs: number;
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
/** Milliseconds that a logout token may hold: so long its `jti` has to be remembered. Section 4 recommends two minutes. */
const maxLifeMs = 86_400_000;

/** Every check of section 2.6 but whether the token was taken before. Throws SignedClaimsError. */
export async function verifyLogoutToken(
  token: string,
  keys: JsonWebKeys,
  expected: SignerExpectation,
): Promise<LogoutToken> {
  const { typ } = readHeader(token);
  if (typ !== undefined && !isLogoutType(typ)) throw new SignedClaimsError('typ');
  const { iss, sub, sid, jti, exp = 0, nonce, events } = await verifySignedClaims(token, keys, expected);
  const repeatableMs = Math.ceil(exp * 1000 - expected.now + clockToleranceMs);
  if (repeatableMs > maxLifeMs) throw new SignedClaimsError('exp');
  if (sub === undefined && sid === undefined) throw new SignedClaimsError('sub_or_sid');
  if (sub !== undefined && !isSubject(sub)) throw new SignedClaimsError('sub');
  if (sid !== undefined && !isSubject(sid)) throw new SignedClaimsError('sid');
  if (!isLogout(events)) throw new SignedClaimsError('events');
  // An ID token has one: it must not pass as a logout token.
  if (nonce !== undefined) throw new SignedClaimsError('nonce');
  if (!isSubject(jti)) throw new SignedClaimsError('jti');
  return {
    ...{ iss: String(iss), jti, repeatableMs },
    ...(sub === undefined ? {} : { sub }),
    ...(sid === undefined ? {} : { sid }),
  };
}

/** RFC 7515 section 4.1.9: `application/` may be left out, and case does not count. */
function isLogoutType(typ: unknown): boolean {
  return typeof typ === 'string' && /^(application\/)?logout\+jwt$/i.test(typ);
}

function isLogout(events: unknown): boolean {
  if (typeof events !== 'object' || events === null || Array.isArray(events)) return false;
  const event: unknown = (events as Record<string, unknown>)[logoutEvent];
  return typeof event === 'object' && event !== null && !Array.isArray(event);
}
