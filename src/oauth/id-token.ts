import { createHash } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, type CryptoKey, type JWTPayload } from 'jose';
import { compact } from '../compact.js';
import { parseExactObject } from '../exact-json.js';
import { isSameSecret } from '../is-same-secret.js';
import type { Provider } from '../providers/provider.js';
import type { AuthorizationServer } from './authorization-server.js';
import { serverCertificate } from './client-authentication.js';
import { expectedIssuer } from '../issuer.js';
import type { JsonWebKeys } from './json-web-keys.js';

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
export interface Expectation {
  provider: Provider;
  server: AuthorizationServer;
  /** The nonce that was sent; undefined where none was. */
  nonce?: string;
  accessToken: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Milliseconds that the two clocks may differ. */
const toleranceMs = 30_000;
/** Milliseconds that the server's clock may be ahead: a fresh token says nothing worse than that. */
const aheadToleranceMs = 300_000;

/** OpenID Connect Core 3.1.3.7, in its order, and 3.1.3.8. Throws IdTokenError. */
const claimChecks: readonly { check: string; holds(claims: JWTPayload, expected: Expectation): boolean }[] = [
  {
    check: 'iss',
    holds: (claims, { server }) => isText(claims.iss) && claims.iss === expectedIssuer(server.issuer, claims),
  },
  { check: 'aud', holds: ({ aud }, { provider }) => audiences(aud).includes(provider.clientId) },
  { check: 'azp', holds: ({ azp: party }, { provider }) => party === undefined || party === provider.clientId },
  { check: 'aud_trusted', holds: isEveryAudienceTrusted },
  { check: 'exp', holds: ({ exp }, { now }) => typeof exp === 'number' && exp * 1000 + toleranceMs > now },
  { check: 'iat', holds: ({ iat }, { now }) => typeof iat === 'number' && iat * 1000 - aheadToleranceMs <= now },
  {
    check: 'nbf',
    holds: ({ nbf }, { now }) => nbf === undefined || (typeof nbf === 'number' && nbf * 1000 - aheadToleranceMs <= now),
  },
  { check: 'sub', holds: ({ sub }) => typeof sub === 'string' && sub.length > 0 && sub.length <= 255 },
];

export async function verifyIdToken(idToken: string, keys: JsonWebKeys, expected: Expectation): Promise<IdTokenClaims> {
  const claims = await verifySignature(idToken, keys, expected);
  for (const { check, holds } of claimChecks)
    if (!holds(claims, expected)) throw new IdTokenError('id_token_invalid', check);
  const nonce = claims['nonce'];
  if (expected.nonce !== undefined && !(typeof nonce === 'string' && isSameSecret(nonce, expected.nonce)))
    throw new IdTokenError('nonce_mismatch', nonce === undefined ? 'nonce_missing' : 'nonce');
  const hash = claims['at_hash'];
  const algorithm = expected.provider.token.idTokenAlgorithm;
  if (hash !== undefined && algorithm !== 'EdDSA' && hash !== accessTokenHash(expected.accessToken, algorithm))
    throw new IdTokenError('id_token_invalid', 'at_hash');
  return claims as IdTokenClaims;
}

/** What names a person for good (OpenID Connect Core 2). */
export interface IdTokenIdentity {
  iss: string;
  sub: string;
}

async function verifySignature(
  idToken: string,
  keys: JsonWebKeys,
  { provider, server }: Expectation,
): Promise<JWTPayload> {
  const alg = provider.token.idTokenAlgorithm;
  const header = readHeader(idToken);
  if (header.alg !== alg) throw new IdTokenError('id_token_invalid', 'alg');
  if (alg === 'HS256') {
    const secret = new TextEncoder().encode(provider.clientSecret ?? '');
    return (await verifiedBy([secret], idToken, alg)) ?? refuseSignature();
  }
  const { jwksUri } = server;
  if (jwksUri === undefined) throw new IdTokenError('id_token_invalid', 'no_keys');
  const query = compact({ alg, kid: header.kid, certificate: serverCertificate(provider) });
  for (const again of [false, true]) {
    const candidates = await keys.candidates(jwksUri, query, again).catch((error: unknown) => {
      throw new IdTokenError('id_token_invalid', 'keys_unavailable', { cause: error });
    });
    const claims = await verifiedBy(candidates, idToken, alg);
    if (claims) return claims;
  }
  return refuseSignature();
}

/** Without a key id several keys may fit; the one that verifies is the one. */
async function verifiedBy(
  keys: (CryptoKey | Uint8Array)[],
  idToken: string,
  alg: string,
): Promise<JWTPayload | undefined> {
  for (const key of keys) {
    const verified = await compactVerify(idToken, key, { algorithms: [alg] }).catch(() => undefined);
    if (verified) return readPayload(verified.payload);
  }
  return undefined;
}

function readHeader(idToken: string): { alg?: string; kid?: string } {
  try {
    const { alg, kid } = decodeProtectedHeader(idToken);
    return { ...(alg === undefined ? {} : { alg }), ...(typeof kid === 'string' ? { kid } : {}) };
  } catch (error) {
    throw new IdTokenError('id_token_invalid', 'format', { cause: error });
  }
}

function readPayload(payload: Uint8Array): JWTPayload {
  const claims = parseExactObject(Buffer.from(payload).toString('utf8'));
  if (!claims) throw new IdTokenError('id_token_invalid', 'payload');
  return claims;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function refuseSignature(): never {
  throw new IdTokenError('id_token_invalid', 'signature');
}

function audiences(aud: JWTPayload['aud']): readonly string[] {
  return typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : [];
}

/** Further audiences are fine where the file trusts them, or where azp says that the token was issued to us. */
function isEveryAudienceTrusted({ aud, azp: party }: JWTPayload, { provider }: Expectation): boolean {
  const others = audiences(aud).filter((audience) => audience !== provider.clientId);
  return party === provider.clientId || others.every((other) => provider.token.trustedAudiences.includes(other));
}

function accessTokenHash(accessToken: string, alg: string): string {
  const digest = createHash(`sha${alg.slice(-3)}`)
    .update(accessToken, 'ascii')
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
