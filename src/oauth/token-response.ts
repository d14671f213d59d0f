import { compact } from '../compact.js';
import { parseExactObject } from '../exact-json.js';
import type { HttpAnswer } from '../http/client.js';
import { atPointer } from '../json-pointer.js';
import type { Provider } from '../providers/provider.js';
import { readTimeText } from '../read-time.js';
import { TokenEndpointError } from './token-endpoint-error.js';
import { readRefusal } from './token-refusal.js';

export { TokenEndpointError } from './token-endpoint-error.js';

/** A usable response of the token endpoint (RFC 6749 section 5.1), with every member checked. */
export interface TokenResponse {
  accessToken: string;
  refreshToken?: string;
  idToken?: string;
  /** Space-separated, as granted; absent where the server does not say. */
  scope?: string;
  /** Seconds from receipt, positive, at most a year; `never` where the token has no end; absent where the server does not say. */
  expiresIn?: number | 'never';
  /** Milliseconds since the epoch, as some servers add it. */
  expiresAt?: number;
  /** By variable of the provider file: what the response has at its pointer, not judged yet. */
  told?: Readonly<Record<string, unknown>>;
}

type Rules = Pick<Provider['token'], 'errors' | 'bearerTypes' | 'answer'>;
type Body = Record<string, unknown>;

const yearSeconds = 31_536_000;
const maxFormPairs = 100;

/**
 * Reads a response of the token endpoint by the provider's rules. `sent`: values of the request that must not stand in the
 * description of a refusal. Throws TokenEndpointError.
 */
export function readTokenAnswer(response: HttpAnswer, rules: Rules, sent: readonly string[] = []): TokenResponse {
  const { status } = response;
  const body = parseBody(response);
  const isSuccess = status >= 200 && status < 300;
  const accessToken = atPointer(body, rules.answer.accessToken);
  if (isSuccess && body && typeof accessToken === 'string' && accessToken !== '')
    return readTokens(body, accessToken, rules);
  throw readRefusal(response, body, rules.errors, sent);
}

function readTokens(body: Body, accessToken: string, { bearerTypes, answer }: Rules): TokenResponse {
  // Required by RFC 6749 section 5.1, and left out or left empty by servers that know no other type.
  const type = atPointer(body, answer.tokenType) ?? '';
  if (typeof type !== 'string' || !(type === '' || bearerTypes.has(type.trim().toLowerCase())))
    throw new TokenEndpointError('malformed', 'token_type');
  return compact({
    accessToken: visible(accessToken, 'access_token'),
    refreshToken: optionalToken(atPointer(body, answer.refreshToken), 'refresh_token'),
    idToken: optionalToken(body['id_token'], 'id_token'),
    scope: readScope(atPointer(body, answer.scope)),
    expiresIn: readExpiresIn(atPointer(body, answer.expiresIn.pointer), answer.expiresIn),
    expiresAt: readTime(atPointer(body, answer.expiresAt)),
  });
}

function optionalToken(value: unknown, member: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new TokenEndpointError('malformed', member);
  return visible(value, member);
}

/** RFC 6749 appendix A.12: visible characters only. A line break would end up in a header. */
function visible(token: string, member: string): string {
  if (!/^[\x21-\x7e]+$/.test(token) || token.length > 32_768) throw new TokenEndpointError('malformed', member);
  return token;
}

function readScope(value: unknown): string | undefined {
  const scope = Array.isArray(value) ? value.filter((each) => typeof each === 'string').join(' ') : value;
  return typeof scope === 'string' && /^[\x20-\x7e]{1,4096}$/.test(scope) ? scope.trim() : undefined;
}

function readExpiresIn(value: unknown, { unit, zero }: Rules['answer']['expiresIn']): number | 'never' | undefined {
  if (value === undefined) return undefined;
  const given = value === null ? 0 : readNumber(value);
  if (given === 0 && zero === 'never') return 'never';
  if (value === null) return undefined;
  const seconds = Math.floor((given ?? NaN) * secondsOf[unit]);
  if (!(seconds > 0)) throw new TokenEndpointError('malformed', 'expires_in');
  return Math.min(seconds, yearSeconds);
}

const secondsOf = { milliseconds: 0.001, seconds: 1, minutes: 60 } as const;

function readNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*\d{1,400}(\.\d{1,9})?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** From seconds since the epoch, or from a time in words. */
function readTime(value: unknown): number | undefined {
  const inWords = typeof value === 'string' ? readTimeText(value) : undefined;
  if (inWords !== undefined) return inWords;
  const seconds = readNumber(value);
  return seconds === undefined ? undefined : seconds * 1000;
}

function parseBody({ body, headers }: HttpAnswer): Body | undefined {
  if (/^\s*application\/x-www-form-urlencoded\b/i.test(headers.get('content-type') ?? '')) return parseForm(body);
  return parseExactObject(body);
}

/**
 * As servers answered before RFC 6749, and some still do unless asked otherwise. A name that comes twice says nothing. The
 * work grows with the length of the text; what has more pairs than any token response is none.
 */
function parseForm(text: string): Body | undefined {
  if (text.split('&', maxFormPairs + 1).length > maxFormPairs) return undefined;
  const values = new Map<string, string | undefined>();
  for (const [name, value] of new URLSearchParams(text.trim())) values.set(name, values.has(name) ? undefined : value);
  return Object.fromEntries([...values].filter(([, value]) => value !== undefined));
}
