import { createHash, randomBytes } from 'node:crypto';

/**
 * A session id is `<tag>.<secret>`. The tag names the browser's records in the store and survives a renewal; the secret
 * is stored as a hash alone, so that what lies in Redis opens no session.
 */
export interface SessionId {
  browserId: string;
  secret: string;
}

export function newSessionId(browserId: string = newBrowserId()): SessionId {
  return { browserId, secret: randomBytes(32).toString('base64url') };
}

/** 128 random bits. */
export function newBrowserId(): string {
  return randomBytes(16).toString('base64url');
}

export function formatSessionId({ browserId, secret }: SessionId): string {
  return `${browserId}.${secret}`;
}

export function parseSessionId(text: string): SessionId | undefined {
  const [, browserId, secret] = /^([\w-]{22})\.([\w-]{43})$/.exec(text) ?? [];
  return browserId === undefined || secret === undefined ? undefined : { browserId, secret };
}

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'ascii').digest('base64url');
}
