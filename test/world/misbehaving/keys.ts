import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';

export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  jwk: JWK;
  /** PEM, as an attacker would feed it to HMAC. */
  spki: string;
}

export interface SigningKeys {
  /** Signs from now on. */
  current: SigningKey;
  /** Published in the key set. */
  published: SigningKey[];
  /** A key that was never published. */
  unknown: SigningKey;
  /** Signs with a new key; the old ones stay published unless they are dropped. */
  rotate(options?: { dropOld?: boolean }): Promise<SigningKey>;
}

let made = 0;

async function makeKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = `key-${++made}`;
  return {
    kid,
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' },
    spki: await exportSPKI(publicKey),
  };
}

/** One for all servers of this process: no server ever publishes it. */
let unpublished: Promise<SigningKey> | undefined;

export async function createSigningKeys(): Promise<SigningKeys> {
  const [current, unknown] = await Promise.all([makeKey(), (unpublished ??= makeKey())]);
  const keys: SigningKeys = {
    current,
    published: [current],
    unknown,
    async rotate({ dropOld = false } = {}) {
      keys.current = await makeKey();
      keys.published = dropOld ? [keys.current] : [...keys.published, keys.current];
      return keys.current;
    },
  };
  return keys;
}
