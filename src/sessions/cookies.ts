import { parseCookie, stringifySetCookie } from 'cookie';
import { unsign } from 'cookie-signature';
import { parseSessionId, type SessionId } from './session-id.js';

/** The names and attributes of our cookies, which follow PUBLIC_URL: with https they are `__Host-` and Secure (RFC 6265bis 4.1.3). */
export interface Cookies {
  readonly secure: boolean;
  readonly sessionName: string;
  /** All attempts of a provider have names that begin with this. */
  attemptName(provider: string, label: string): string;
  readonly attemptPrefix: string;
  /** Each holds the outcome of a pop-up for a moment; the pop-up's name follows. */
  readonly popupPrefix: string;
  readonly csrfName: string;
  /** What a nonce for an owner assertion is bound to. */
  readonly nonceName: string;
  readonly languageName: string;
  /** Says to the next page that the session was ended. */
  readonly loggedOutName: string;
  /** Says to the page of a connection that the person comes from the provider. */
  readonly arrivedName: string;
  /** A Set-Cookie value; seconds of life, 0 to remove. */
  header(name: string, value: string, maxAge: number): string;
  /** The session id that a Cookie header carries, if one of our secrets signed it. Asks no store. */
  sessionId(cookieHeader: string | undefined): VerifiedId | undefined;
  /** The Cookie header without the session's. */
  withoutSession(cookieHeader: string): string;
}

interface VerifiedId {
  readonly id: SessionId;
  readonly signedByFirst: boolean;
}

/** Cookie headers whose signature was found good are remembered: the same one comes with every call of a browser. */
const rememberedHeaders = 10_000;
/** Characters. */
const rememberedLength = 1024;

export interface CookieOptions {
  secure: boolean;
  /** The first signs, all verify. */
  secrets: readonly string[];
  /** COOKIE_NAME: what every name begins with, so that two instances on one host name keep theirs apart. */
  name?: string;
}

export function createCookies({ secure, secrets, name = 'gatehouse' }: CookieOptions): Cookies {
  const prefix = secure ? `__Host-${name}` : name;
  const sessionName = prefix;
  const verified = new Map<string, VerifiedId>();
  const verify = (cookieHeader: string): VerifiedId | undefined => {
    const value = parseCookie(cookieHeader)[sessionName];
    if (!value?.startsWith('s:') || value.length > 256 || isDoubled(cookieHeader, sessionName)) return undefined;
    for (const [index, secret] of secrets.entries()) {
      const text = unsign(value.slice(2), secret);
      const id = text === false ? undefined : parseSessionId(text);
      if (id) return { id, signedByFirst: index === 0 };
    }
    return undefined;
  };
  return {
    secure,
    sessionName,
    attemptName: (provider, label) => `${prefix}-attempt.${provider}.${label}`,
    attemptPrefix: `${prefix}-attempt.`,
    popupPrefix: `${prefix}-popup.`,
    csrfName: `${prefix}-csrf`,
    nonceName: `${prefix}-nonce`,
    languageName: `${prefix}-language`,
    loggedOutName: `${prefix}-logged-out`,
    arrivedName: `${prefix}-arrived`,
    header: (name, value, maxAge) =>
      stringifySetCookie({ name, value, maxAge, path: '/', httpOnly: true, sameSite: 'lax', secure }),
    sessionId: (cookieHeader = '') => {
      const known = verified.get(cookieHeader);
      if (known !== undefined) return known;
      const found = verify(cookieHeader);
      if (found === undefined || cookieHeader.length > rememberedLength) return found;
      if (verified.size >= rememberedHeaders) verified.clear();
      verified.set(cookieHeader, found);
      return found;
    },
    withoutSession: (cookieHeader) =>
      cookieHeader
        .split(';')
        .filter((pair) => nameOf(pair) !== sessionName)
        .join(';'),
  };
}

/** Two cookies of one name: one of them was planted from elsewhere, and which one cannot be known (RFC 6265 section 8.6). */
function isDoubled(cookieHeader: string, name: string): boolean {
  return cookieHeader.split(';').filter((pair) => nameOf(pair) === name).length > 1;
}

function nameOf(pair: string): string | undefined {
  const equals = pair.indexOf('=');
  return equals === -1 ? undefined : pair.slice(0, equals).trim();
}
