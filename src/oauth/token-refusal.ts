import type { HttpAnswer } from '../http/client.js';
import type { TokenErrorRules } from '../providers/provider.js';
import { cleanDescription } from './clean-description.js';
import { TokenEndpointError } from './token-endpoint-error.js';

type Body = Record<string, unknown>;

const transientStatus = new Set([404, 405, 408, 425, 429]);
const transientCodes = new Set(['temporarily_unavailable', 'server_error', 'slow_down', 'too_many_requests']);

/** Why an HTTP response of the token endpoint holds no tokens, by RFC 6749 section 5.2 and the provider's rules. */
export function readRefusal(
  response: HttpAnswer,
  body: Body | undefined,
  rules: TokenErrorRules,
  sent: readonly string[],
): TokenEndpointError {
  const { status, headers } = response;
  const isSuccess = status >= 200 && status < 300;
  const retryAfter = readRetryAfter(headers.get('retry-after'));
  const challenge = headers.get('www-authenticate') ?? '';
  const description = cleanDescription(statement(body), sent);
  const refuse = (kind: TokenEndpointError['kind'], code: string) =>
    new TokenEndpointError(kind, safeCode(code), { retryAfter, description });

  // A code that is known decides at any status: some servers refuse with 200, others with 500.
  const code = namedCode(body, isSuccess || status >= 500 ? '' : challenge, rules);
  if (code !== undefined && transientCodes.has(code)) return refuse('transient', code);
  if (code !== undefined && isKnown(code, rules)) return refuse(kindOf(code, rules), code);
  if (isSuccess) return refusalInSuccess(body, code, rules, refuse);
  if (status < 400 || status >= 500 || transientStatus.has(status)) return refuse('transient', `http_${status}`);
  if (/text\/html/i.test(headers.get('content-type') ?? '') && response.body.trim() !== '')
    return refuse('transient', 'html');

  const { otherwise } = rules;
  if (code === undefined && otherwise && body && otherwise.members.some((member) => body[member] != null))
    return refuse(kindOf(otherwise.code, rules), otherwise.code);
  // RFC 6749 section 5.2: a 401 that asks for HTTP authentication speaks of the client, not of the grant.
  if (status === 401 && /^basic\b/i.test(challenge)) return refuse(kindOf('invalid_client', rules), 'invalid_client');
  return refuse('unrecognised', code ?? `http_${status}`);
}

/** A response with 2xx and without an access token. */
function refusalInSuccess(
  body: Body | undefined,
  code: string | undefined,
  rules: TokenErrorRules,
  refuse: (kind: TokenEndpointError['kind'], code: string) => TokenEndpointError,
): TokenEndpointError {
  if (!body) return refuse('malformed', 'not_json');
  if (rules.refusedAt200.some((member) => body[member] != null))
    return refuse(kindOf('invalid_grant', rules), 'invalid_grant');
  return code === undefined ? refuse('malformed', 'no_access_token') : refuse('unrecognised', code);
}

/** The code that a member's exact text stands for, else the one that the server names. The first match in the file counts. */
function namedCode(body: Body | undefined, challenge: string, rules: TokenErrorRules): string | undefined {
  const message = body && rules.messages.find(({ member, is }) => [body[member]].flat().includes(is))?.code;
  const named = message ?? body?.['error'] ?? /\berror="?([\w.-]{1,64})"?/.exec(challenge)?.[1];
  return typeof named === 'string' && named !== '' ? named : undefined;
}

function isKnown(code: string, rules: TokenErrorRules): boolean {
  return (
    rules.deadGrant.has(code) || rules.configuration.has(code) || ['invalid_client', 'invalid_grant'].includes(code)
  );
}

function kindOf(code: string, rules: TokenErrorRules): 'configuration' | 'dead_grant' {
  const isConfiguration = rules.configuration.has(code) || (code === 'invalid_client' && !rules.deadGrant.has(code));
  return isConfiguration ? 'configuration' : 'dead_grant';
}

/** The first text in which the server explains itself. */
function statement(body: Body | undefined): string | undefined {
  if (!body) return undefined;
  const { error } = body;
  const inner = typeof error === 'object' && error !== null ? (error as Body) : {};
  const candidates = [
    ...['error_description', 'error_descriptions', 'errors_descriptions', 'message', 'detail'].map(
      (name) => body[name],
    ),
    ...[inner['error_description'], inner['message'], inner['code'], body['errors'], error, body['title']],
  ];
  return candidates.flat().find((each): each is string => typeof each === 'string' && each.trim() !== '');
}

function safeCode(code: string): string {
  return /^[\w.-]{1,64}$/.test(code) ? code : 'unreadable_code';
}

/** Seconds; both forms of RFC 9110 section 10.2.3. At most an hour: a server cannot silence us for good. */
export function readRetryAfter(value: string | null, now = Date.now()): number | undefined {
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) : undefined;
}
