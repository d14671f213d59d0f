import { createHash, randomBytes } from 'node:crypto';

/**
 * A session id is `<browser id>.<secret>`. The browser id names the browser's records in the store and survives a rotation; the
 * secret is stored as a hash alone, so that what lies in Redis opens no session.
 */
export interface SessionId {
  browserId: string;
  secret: string;
}

export function newSessionId(browserId: string = newBrowserId()): SessionId {
  return {
    browserId,
    secret: `${provenMark}${randomBytes(32)
      .toString('base64url')
      .slice(0, 43 - provenMark.length)}`,
  };
}

/** Begins every secret whose record is proven; the signed cookie carries it. 39 random characters follow. */
const provenMark = 'gh3-';

/** Whether this id was given out together with a proven record: not by release 0.2. */
export function isProvenId({ secret }: SessionId): boolean {
  return secret.startsWith(provenMark);
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
