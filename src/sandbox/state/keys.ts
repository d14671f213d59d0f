import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

/** The signing key of the sandbox, one for all of its servers. */
export interface Keys {
  readonly jwks: { keys: JWK[] };
  sign(claims: JWTPayload): Promise<string>;
  /** Under the same key id, with a key that nobody published. */
  signWithUnknownKey(claims: JWTPayload): Promise<string>;
}

export async function createKeys(): Promise<Keys> {
  const [own, unknown] = await Promise.all([rsa(), rsa()]);
  const kid = randomUUID();
  const sign = (key: CryptoKey, claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(key);
  return {
    jwks: { keys: [{ ...(await exportJWK(own.publicKey)), kid, use: 'sig', alg: 'RS256' }] },
    sign: (claims) => sign(own.privateKey, claims),
    signWithUnknownKey: (claims) => sign(unknown.privateKey, claims),
  };
}

function rsa() {
  return generateKeyPair('RS256', { modulusLength: 2048 });
}
