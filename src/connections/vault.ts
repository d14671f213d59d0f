import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { EncryptionKey } from '../config/secrets.js';

/**
 * Seals records with AES-256-GCM. A sealed record says which key it was sealed with, and it opens only under the name it
 * was stored by (the name is the associated data), so that records cannot be swapped. The initialization vector is new
 * each time: no two sealed records are equal, which is what lets the store compare them as versions.
 */
export interface Vault {
  seal(name: string, value: unknown): Buffer;
  /** The value, or undefined where the record is damaged, was moved, or its key is no longer listed. */
  open(name: string, sealed: Buffer): { value: unknown; current: boolean } | undefined;
}

/** The id of the key that a record was sealed with; undefined where it is no sealed record. Its head is enough. */
export function sealedWith(sealed: Buffer): string | undefined {
  const idLength = sealed[1] ?? 0;
  if (sealed[0] !== format || idLength === 0 || sealed.length < 2 + idLength) return undefined;
  return sealed.toString('latin1', 2, 2 + idLength);
}

const format = 1;
const ivLength = 12;
const tagLength = 16;

/** `prefix` is what the store puts before each name: a record of another deployment opens here as little as a moved one. */
export function createVault(keys: readonly EncryptionKey[], prefix = ''): Vault {
  const [current] = keys;
  if (!current) throw new Error('a vault needs a key');
  const byId = new Map(keys.map((key) => [key.id, key]));

  return {
    seal: (name, value) => {
      const iv = randomBytes(ivLength);
      const cipher = createCipheriv('aes-256-gcm', current.key, iv).setAAD(Buffer.from(prefix + name));
      const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      const id = Buffer.from(current.id, 'latin1');
      return Buffer.concat([Buffer.from([format, id.length]), id, iv, cipher.getAuthTag(), text]);
    },

    open: (name, sealed) => {
      const idLength = sealed[1] ?? 0;
      const start = 2 + idLength;
      const key = byId.get(sealed.toString('latin1', 2, start));
      if (sealed[0] !== format || !key || sealed.length < start + ivLength + tagLength) return undefined;
      const iv = sealed.subarray(start, start + ivLength);
      const tag = sealed.subarray(start + ivLength, start + ivLength + tagLength);
      const decipher = createDecipheriv('aes-256-gcm', key.key, iv, { authTagLength: tagLength });
      decipher.setAAD(Buffer.from(prefix + name)).setAuthTag(tag);
      try {
        const text = Buffer.concat([decipher.update(sealed.subarray(start + ivLength + tagLength)), decipher.final()]);
        return { value: JSON.parse(text.toString('utf8')), current: key === current };
      } catch {
        return undefined;
      }
    },
  };
}
