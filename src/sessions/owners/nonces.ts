import { createHmac, createHash, randomBytes } from 'node:crypto';
import { parseCookie } from 'cookie';
import { isSameSecret } from '../../is-same-secret.js';
import { nonceKey } from '../../store/keys.js';
import type { Store } from '../../store/store.js';
import type { Cookies } from '../cookies.js';

/**
 * Nonces for owner assertions. One belongs to the browser that it was made for, by a cookie whose value it cannot be told from,
 * holds for five minutes and is used once: an assertion that somebody else obtained opens nothing in this browser.
 */
export interface Nonces {
  /** A new nonce, and the Set-Cookie value that it needs where the browser has no such cookie yet. */
  make(cookieHeader: string | undefined): { nonce: string; setCookie?: string };
  /** Uses it up. False: it is not of this browser, too old, or used. */
  take(cookieHeader: string | undefined, nonce: unknown): Promise<boolean>;
}

/** Seconds that a nonce holds. */
export const nonceLifeSeconds = 300;
/** Seconds that the browser keeps the cookie. */
const cookieLifeSeconds = 86_400;

interface Dependencies {
  store: Store;
  cookies: Cookies;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createNonces({ store, cookies, now }: Dependencies): Nonces {
  const secretOf = (cookieHeader = '') => {
    const value = parseCookie(cookieHeader)[cookies.nonceName];
    return value !== undefined && /^[\w-]{22}$/.test(value) ? value : undefined;
  };
  const markOf = (secret: string, start: string) =>
    createHmac('sha256', secret).update(`nonce\n${start}`).digest('base64url').slice(0, 22);

  return {
    make: (cookieHeader) => {
      const known = secretOf(cookieHeader);
      const secret = known ?? randomBytes(16).toString('base64url');
      const start = `${now().toString(36)}.${randomBytes(12).toString('base64url')}`;
      const nonce = `${start}.${markOf(secret, start)}`;
      if (known !== undefined) return { nonce };
      return { nonce, setCookie: cookies.header(cookies.nonceName, secret, cookieLifeSeconds) };
    },
    take: async (cookieHeader, nonce) => {
      const secret = secretOf(cookieHeader);
      const [, start, time = '', mark = ''] = /^(([\da-z]{1,11})\.[\w-]{16})\.([\w-]{22})$/.exec(String(nonce)) ?? [];
      if (secret === undefined || start === undefined || !isSameSecret(mark, markOf(secret, start))) return false;
      const leftMs = parseInt(time, 36) + nonceLifeSeconds * 1000 - now();
      if (leftMs <= 0) return false;
      const key = nonceKey(createHash('sha256').update(start).digest('base64url'));
      const use = { key, value: Buffer.from('1'), ttlMs: nonceLifeSeconds * 1000 };
      return store.commit([{ key, exists: false }], [use]);
    },
  };
}
