import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * A session id is `<tag>.<secret>`. The tag names the browser's records in the store and survives a renewal; the secret
 * is stored as a hash alone, so that what lies in Redis opens no session.
 */
export interface SessionId {
  tag: string;
  secret: string;
}

export function newSessionId(tag: string = newTag()): SessionId {
  return { tag, secret: randomBytes(32).toString('base64url') };
}

/** 128 random bits. */
export function newTag(): string {
  return randomBytes(16).toString('base64url');
}

export function formatSessionId({ tag, secret }: SessionId): string {
  return `${tag}.${secret}`;
}

export function parseSessionId(text: string): SessionId | undefined {
  const [, tag, secret] = /^([\w-]{22})\.([\w-]{43})$/.exec(text) ?? [];
  return tag === undefined || secret === undefined ? undefined : { tag, secret };
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'ascii').digest('base64url');
}

/** In constant time. */
export function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
