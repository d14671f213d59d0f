import { SignJWT, type JWTPayload } from 'jose';
import type { Authorization } from './state/authorizations.js';
import type { World } from './state/world.js';

export interface IdTokenRequest {
  readonly issuer: string;
  readonly authorization: Authorization;
  /** Undefined on refresh (OpenID Connect Core section 12.2). */
  readonly nonce: string | undefined;
  readonly claims: JWTPayload;
}

/** An ID token, true or spoilt as the `id_token` switch says; undefined where it says that there is none. */
export async function idToken(world: World, request: IdTokenRequest): Promise<string | undefined> {
  const { client } = request.authorization;
  const fault = world.switches.choice(client.provider, 'id_token');
  if (fault === 'none') return undefined;
  const claims = spoilt(truthful(world, request), fault);
  if (fault === 'hs256') return signedWithSecret(claims, client.secret ?? '');
  if (fault === 'unsigned') return `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claims)}.`;
  return fault === 'wrong_key' ? world.keys.signWithUnknownKey(claims) : world.keys.sign(claims);
}

function truthful(world: World, { issuer, authorization, nonce, claims }: IdTokenRequest): JWTPayload {
  const iat = world.clock.seconds();
  return {
    ...claims,
    iss: issuer,
    aud: authorization.client.id,
    iat,
    exp: iat + 36_000,
    ...(nonce === undefined ? {} : { nonce }),
  };
}

function spoilt(claims: JWTPayload, fault: string): JWTPayload {
  const { nonce, ...withoutNonce } = claims;
  const iat = claims.iat ?? 0;
  switch (fault) {
    case 'wrong_nonce':
      return { ...claims, nonce: 'another-nonce-than-the-one-of-the-request' };
    case 'no_nonce':
      return nonce === undefined ? claims : withoutNonce;
    case 'wrong_issuer':
      return { ...claims, iss: 'https://issuer.example/' };
    case 'wrong_audience':
      return { ...claims, aud: 'another-client' };
    case 'expired':
      return { ...claims, iat: iat - 7200, exp: iat - 3600 };
    default:
      return claims;
  }
}

function signedWithSecret(claims: JWTPayload, secret: string): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(new TextEncoder().encode(secret));
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
