import { CompactSign, UnsecuredJWT } from 'jose';
import type { JWTPayload } from 'jose';
import type { SigningKeys } from './keys.js';

export interface IdTokenContext {
  grantType: string;
  clientId: string;
  clientSecret: string;
  /** Seconds since the epoch. */
  now: number;
}

export type Claims = Record<string, unknown>;

/** How an ID token departs from OpenID Connect Core section 2. */
export interface IdTokenBend {
  /** Laid over the right claims; undefined removes one. */
  claims?: Claims | ((claims: JWTPayload, context: IdTokenContext) => Claims);
  /** Laid over the right header; undefined removes a member. */
  header?: Claims;
  signature?: 'none' | 'hs256_client_secret' | 'hs256_public_key' | 'unknown_key' | 'broken';
}

function withoutUndefined(value: Claims): Claims {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

/** Changes the signature's first byte: its last characters may hold bits that no decoder reads. */
function breakSignature(jws: string): string {
  const [header, payload, signature = ''] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 0xff;
  return [header, payload, bytes.toString('base64url')].join('.');
}

/** An ID token: right, unless it is bent. */
export async function makeIdToken(
  claims: JWTPayload,
  keys: SigningKeys,
  context: IdTokenContext,
  bend: IdTokenBend = {},
): Promise<string> {
  const changes = typeof bend.claims === 'function' ? bend.claims(claims, context) : bend.claims;
  const payload = withoutUndefined({ ...claims, ...changes });
  if (bend.signature === 'none') return new UnsecuredJWT(payload).encode();

  const symmetric = bend.signature === 'hs256_client_secret' || bend.signature === 'hs256_public_key';
  const alg = symmetric ? 'HS256' : 'RS256';
  const header = withoutUndefined({ typ: 'JWT', kid: keys.current.kid, ...bend.header });
  const secret = bend.signature === 'hs256_public_key' ? keys.current.spki : context.clientSecret;
  const signer = bend.signature === 'unknown_key' ? keys.unknown : keys.current;
  const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ ...header, alg })
    .sign(symmetric ? new TextEncoder().encode(secret) : signer.privateKey, { crit: { 'urn:unknown': true } });
  return bend.signature === 'broken' ? breakSignature(jws) : jws;
}
