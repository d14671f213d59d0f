import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { isSameSecret } from '../is-same-secret.js';
import type { JsonWebKeys } from './json-web-keys.js';
import { isSubject, SignedClaimsError, verifySignedClaims, type SignerExpectation } from './signed-claims.js';

export type IdTokenClaims = JWTPayload & { sub: string };

/** The ID token is not acceptable; `check` names the rule that it broke. */
export class IdTokenError extends Error {
  override readonly name = 'IdTokenError';

  constructor(
    readonly code: 'nonce_mismatch' | 'id_token_invalid',
    readonly check: string,
    options?: ErrorOptions,
  ) {
    super(`the ID token was refused: ${check}`, options);
  }
}

/** What an ID token must fit. */
export interface Expectation extends SignerExpectation {
  /** The nonce that was sent; undefined where none was. */
  nonce?: string;
  accessToken: string;
}

/** OpenID Connect Core 3.1.3.7, in its order, and 3.1.3.8. Throws IdTokenError. */
export async function verifyIdToken(idToken: string, keys: JsonWebKeys, expected: Expectation): Promise<IdTokenClaims> {
  const claims = await verifySignedClaims(idToken, keys, expected).catch((error: unknown) => {
    throw error instanceof SignedClaimsError ? refused(error.check, error.cause) : error;
  });
  if (!isSubject(claims.sub)) throw refused('sub');
  const nonce = claims['nonce'];
  if (expected.nonce !== undefined && !(typeof nonce === 'string' && isSameSecret(nonce, expected.nonce)))
    throw new IdTokenError('nonce_mismatch', nonce === undefined ? 'nonce_missing' : 'nonce');
  const hash = claims['at_hash'];
  const algorithm = expected.provider.token.idTokenAlgorithm;
  if (hash !== undefined && algorithm !== 'EdDSA' && hash !== accessTokenHash(expected.accessToken, algorithm))
    throw refused('at_hash');
  return claims as IdTokenClaims;
}

/** What names a person for good (OpenID Connect Core 2). */
export interface IdTokenIdentity {
  iss: string;
  sub: string;
  /** The person's session there, which a back-channel logout names (OpenID Connect Back-Channel Logout 1.0 section 2.1). */
  sid?: string;
}

function refused(check: string, cause?: unknown): IdTokenError {
  return new IdTokenError('id_token_invalid', check, cause === undefined ? {} : { cause });
}

function accessTokenHash(accessToken: string, alg: string): string {
  const digest = createHash(`sha${alg.slice(-3)}`)
    .update(accessToken, 'ascii')
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
