import type { Provider, TokenErrorRules } from '../providers/provider.js';
import type { HttpAnswer } from '../http/client.js';

/** A usable answer of the token endpoint (RFC 6749 section 5.1), with every member checked. */
export interface TokenResponse {
  accessToken: string;
  refreshToken?: string;
  idToken?: string;
  /** Space-separated, as granted; absent where the server does not say. */
  scope?: string;
  /** Seconds from receipt, positive, at most a year; absent where the server does not say. */
  expiresIn?: number;
  /** Seconds since the epoch, as some servers add it. */
  expiresAt?: number;
}

/**
 * Why the token endpoint gave no tokens. The three outcomes that must never be mixed are dead_grant, configuration and
 * transient; `unrecognised` is a refusal that names no reason, `malformed` a success that cannot be used.
 */
export type TokenFailureKind = 'dead_grant' | 'configuration' | 'transient' | 'unrecognised' | 'malformed';

export class TokenEndpointError extends Error {
  override readonly name = 'TokenEndpointError';

  constructor(
    readonly kind: TokenFailureKind,
    /** A code of RFC 6749 or of the provider file where the server named one, else a word of ours. */
    readonly code: string,
    /** Seconds. */
    readonly retryAfter?: number,
    options?: ErrorOptions,
  ) {
    super(`the token endpoint refused (${kind}, ${code})`, options);
  }
}

const year = 31_536_000;
const transientStatus = new Set([404, 405, 408, 425, 429]);
const transientCodes = new Set(['temporarily_unavailable', 'server_error', 'slow_down', 'too_many_requests']);

/** Reads an answer of the token endpoint by the provider's rules. Throws TokenEndpointError. */
export function readTokenAnswer(
  answer: HttpAnswer,
  { errors: rules, bearerTypes }: Pick<Provider['token'], 'errors' | 'bearerTypes'>,
): TokenResponse {
  const body = parseObject(answer);
  if (answer.status >= 200 && answer.status < 300) {
    if (!body) throw new TokenEndpointError('malformed', 'not_json');
    if (typeof body['access_token'] === 'string' && body['access_token'] !== '') return readTokens(body, bearerTypes);
    if (rules.refusedAt200.some((member) => body[member] != null)) throw refusalAt200(body, rules);
    throw new TokenEndpointError('malformed', 'no_access_token');
  }
  throw readRefusal(answer, body, rules);
}

/** A code that is known decides, as it does with any other status; what is not known means that there is no grant. */
function refusalAt200(body: Record<string, unknown>, rules: TokenErrorRules): TokenEndpointError {
  const { error } = body;
  const code = messageCode(body, rules) ?? (typeof error === 'string' ? error : '');
  if (transientCodes.has(code)) return new TokenEndpointError('transient', code);
  const isKnown = rules.deadGrant.has(code) || rules.configuration.has(code);
  return refusal(isKnown ? code : (messageCode(body, rules) ?? 'invalid_grant'), rules);
}

function readRefusal(
  answer: HttpAnswer,
  body: Record<string, unknown> | undefined,
  rules: TokenErrorRules,
): TokenEndpointError {
  const { status, headers } = answer;
  const retryAfter = readRetryAfter(headers.get('retry-after'));
  const challenge = headers.get('www-authenticate') ?? '';
  if (status < 400 || status >= 500) return new TokenEndpointError('transient', `http_${status}`, retryAfter);

  const named = body?.['error'] ?? /\berror="?([\w.-]{1,64})"?/.exec(challenge)?.[1];
  const code = (body && messageCode(body, rules)) ?? (typeof named === 'string' ? named : undefined);
  if (code !== undefined && transientCodes.has(code)) return new TokenEndpointError('transient', code, retryAfter);
  if (code !== undefined && (rules.deadGrant.has(code) || rules.configuration.has(code))) return refusal(code, rules);
  if (transientStatus.has(status)) return new TokenEndpointError('transient', `http_${status}`, retryAfter);
  if (/text\/html/i.test(headers.get('content-type') ?? '') && answer.body.trim() !== '')
    return new TokenEndpointError('transient', 'html', retryAfter);

  const { otherwise } = rules;
  if (code === undefined && otherwise && body && otherwise.members.some((member) => body[member] != null))
    return refusal(otherwise.code, rules);
  // RFC 6749 section 5.2: a 401 that asks for HTTP authentication speaks of the client, not of the grant.
  if (status === 401 && /^basic\b/i.test(challenge)) return refusal('invalid_client', rules);
  return new TokenEndpointError('unrecognised', code === undefined ? `http_${status}` : safeCode(code));
}

/** The code that a member's exact text stands for, or one text of a list. The first match in the file counts. */
function messageCode(body: Record<string, unknown>, rules: TokenErrorRules): string | undefined {
  return rules.messages.find(({ member, is }) => [body[member]].flat().includes(is))?.code;
}

function refusal(code: string, rules: TokenErrorRules): TokenEndpointError {
  const configuration = rules.configuration.has(code) || (code === 'invalid_client' && !rules.deadGrant.has(code));
  return new TokenEndpointError(configuration ? 'configuration' : 'dead_grant', safeCode(code));
}

function readTokens(body: Record<string, unknown>, bearerTypes: ReadonlySet<string>): TokenResponse {
  // Required by RFC 6749 section 5.1, and left out or left empty by servers that know no other type.
  const type = body['token_type'] ?? '';
  if (typeof type !== 'string' || !(type === '' || bearerTypes.has(type.trim().toLowerCase())))
    throw new TokenEndpointError('malformed', 'token_type');
  const refreshToken = optionalToken(body['refresh_token'], 'refresh_token');
  const idToken = optionalToken(body['id_token'], 'id_token');
  const scope = readScope(body['scope']);
  const expiresIn = readExpiresIn(body['expires_in']);
  const expiresAt = readTime(body['expires_at']);
  return {
    accessToken: visible(body['access_token'] as string, 'access_token'),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(idToken === undefined ? {} : { idToken }),
    ...(scope === undefined ? {} : { scope }),
    ...(expiresIn === undefined ? {} : { expiresIn }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
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

function readExpiresIn(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const seconds = Math.floor(readNumber(value) ?? NaN);
  if (!(seconds > 0)) throw new TokenEndpointError('malformed', 'expires_in');
  return Math.min(seconds, year);
}

function readNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*\d{1,16}(\.\d{1,9})?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Seconds since the epoch, from those or from RFC 3339. */
function readTime(value: unknown): number | undefined {
  const isText = typeof value === 'string' && /^\d{4}-\d\d-\d\d[Tt ]/.test(value);
  const number = isText ? Date.parse(value) / 1000 : readNumber(value);
  return number === undefined || Number.isNaN(number) ? undefined : number;
}

/** Seconds; both forms of RFC 9110 section 10.2.3. At most an hour: a server cannot silence us for good. */
export function readRetryAfter(value: string | null, now = Date.now()): number | undefined {
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) : undefined;
}

function safeCode(code: string): string {
  return /^[\w.-]{1,64}$/.test(code) ? code : 'unreadable_code';
}

function parseObject({ body, headers }: HttpAnswer): Record<string, unknown> | undefined {
  if (/^\s*application\/x-www-form-urlencoded\b/i.test(headers.get('content-type') ?? '')) return parseForm(body);
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** As servers answered before RFC 6749, and some still do unless asked otherwise. A name that comes twice says nothing. */
function parseForm(body: string): Record<string, unknown> {
  const pairs = [...new URLSearchParams(body.trim())];
  const twice = pairs.filter(([name], at) => pairs.findIndex(([other]) => other === name) !== at);
  return Object.fromEntries(pairs.filter(([name]) => !twice.some(([other]) => other === name)));
}
