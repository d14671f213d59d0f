import { compactVerify, decodeProtectedHeader, type CryptoKey, type JWTPayload } from 'jose';
import { compact } from '../compact.js';
import { parseExactObject } from '../exact-json.js';
import { expectedIssuer } from '../issuer.js';
import type { Provider } from '../providers/provider.js';
import type { AuthorizationServer } from './authorization-server.js';
import { serverCertificate } from './client-authentication.js';
import type { JsonWebKeys } from './json-web-keys.js';

/** A JWT of an authorization server is not acceptable; `check` names the rule that it broke. */
export class SignedClaimsError extends Error {
  override readonly name = 'SignedClaimsError';

  constructor(
    readonly check: string,
    options?: ErrorOptions,
  ) {
    super(`the token was refused: ${check}`, options);
  }
}

/** Whose token it must be. */
export interface SignerExpectation {
  provider: Provider;
  server: AuthorizationServer;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Milliseconds that the two clocks may differ. */
export const clockToleranceMs = 30_000;
/** Milliseconds that the server's clock may be ahead: a fresh token says nothing worse than that. */
const aheadToleranceMs = 300_000;

/** OpenID Connect Core 3.1.3.7, in its order: what an ID token and a logout token have in common. */
const claimChecks: readonly { check: string; holds(claims: JWTPayload, expected: SignerExpectation): boolean }[] = [
  {
    check: 'iss',
    holds: (claims, { server }) => isText(claims.iss) && claims.iss === expectedIssuer(server.issuer, claims),
  },
  { check: 'aud', holds: ({ aud }, { provider }) => audiences(aud).includes(provider.clientId) },
  { check: 'azp', holds: ({ azp: party }, { provider }) => party === undefined || party === provider.clientId },
  { check: 'aud_trusted', holds: isEveryAudienceTrusted },
  { check: 'exp', holds: ({ exp }, { now }) => typeof exp === 'number' && exp * 1000 + clockToleranceMs > now },
  { check: 'iat', holds: ({ iat }, { now }) => typeof iat === 'number' && iat * 1000 - aheadToleranceMs <= now },
  {
    check: 'nbf',
    holds: ({ nbf }, { now }) => nbf === undefined || (typeof nbf === 'number' && nbf * 1000 - aheadToleranceMs <= now),
  },
];

/** The claims of a JWT that the provider's authorization server signed for this client, right now. Throws SignedClaimsError. */
export async function verifySignedClaims(
  token: string,
  keys: JsonWebKeys,
  expected: SignerExpectation,
): Promise<JWTPayload> {
  const claims = await verifySignature(token, keys, expected);
  for (const { check, holds } of claimChecks) if (!holds(claims, expected)) throw new SignedClaimsError(check);
  return claims;
}

/** Names a person (OpenID Connect Core 2). */
export function isSubject(sub: unknown): sub is string {
  return typeof sub === 'string' && sub.length > 0 && sub.length <= 255;
}

/** What the token says of itself, unverified. Throws SignedClaimsError. */
export function readHeader(token: string): { alg?: string; kid?: string; typ?: unknown } {
  try {
    const { alg, kid, typ } = decodeProtectedHeader(token);
    return compact({ alg, kid: typeof kid === 'string' ? kid : undefined, typ });
  } catch (error) {
    throw new SignedClaimsError('format', { cause: error });
  }
}

async function verifySignature(
  token: string,
  keys: JsonWebKeys,
  { provider, server }: SignerExpectation,
): Promise<JWTPayload> {
  const alg = provider.token.idTokenAlgorithm;
  const header = readHeader(token);
  if (header.alg !== alg) throw new SignedClaimsError('alg');
  if (alg === 'HS256') {
    const secret = new TextEncoder().encode(provider.clientSecret ?? '');
    return (await verifiedBy([secret], token, alg)) ?? refuseSignature();
  }
  const { jwksUri } = server;
  if (jwksUri === undefined) throw new SignedClaimsError('no_keys');
  const query = compact({ alg, kid: header.kid, certificate: serverCertificate(provider) });
  for (const again of [false, true]) {
    const candidates = await keys.candidates(jwksUri, query, again).catch((error: unknown) => {
      throw new SignedClaimsError('keys_unavailable', { cause: error });
    });
    const claims = await verifiedBy(candidates, token, alg);
    if (claims) return claims;
  }
  return refuseSignature();
}

/** Without a key id several keys may fit; the one that verifies is the one. */
async function verifiedBy(
  keys: (CryptoKey | Uint8Array)[],
  token: string,
  alg: string,
): Promise<JWTPayload | undefined> {
  for (const key of keys) {
    const verified = await compactVerify(token, key, { algorithms: [alg] }).catch(() => undefined);
    if (verified) return readPayload(verified.payload);
  }
  return undefined;
}

function readPayload(payload: Uint8Array): JWTPayload {
  const claims = parseExactObject(Buffer.from(payload).toString('utf8'));
  if (!claims) throw new SignedClaimsError('payload');
  return claims;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function refuseSignature(): never {
  throw new SignedClaimsError('signature');
}

function audiences(aud: JWTPayload['aud']): readonly string[] {
  return typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : [];
}

/** Further audiences are fine where the file trusts them, or where azp says that the token was issued to us. */
function isEveryAudienceTrusted({ aud, azp: party }: JWTPayload, { provider }: SignerExpectation): boolean {
  const others = audiences(aud).filter((audience) => audience !== provider.clientId);
  return party === provider.clientId || others.every((other) => provider.token.trustedAudiences.includes(other));
}
