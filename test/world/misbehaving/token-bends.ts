import { drip, htmlReply, jsonReply, redirectReply } from '../reply.js';
import type { TokenBend } from './token-answer.js';
import { tokenError } from './token-answer.js';

const json = { 'content-type': 'application/json' };
const raw = (body: string, status = 200): TokenBend => ({ reply: { status, headers: json, body } });

/** Failures that pass: nothing is lost, nothing is overwritten, and a later call may succeed. */
export const transientTokenFaults: Record<string, TokenBend> = {
  'an HTML page with 200': { reply: htmlReply('<!doctype html><title>Maintenance</title>') },
  'an HTML page with 502': { reply: htmlReply('<!doctype html><title>Bad gateway</title>', 502) },
  'an HTML page with 403': { reply: htmlReply('<!doctype html><title>Blocked</title>', 403) },
  'truncated JSON': raw('{"access_token":"at_trunc'),
  'an empty body with 200': raw(''),
  'an empty object': raw('{}'),
  'a list': raw('[]'),
  null: raw('null'),
  'an error member with 200': raw('{"error":"temporarily_unavailable"}'),
  'status 500': { reply: jsonReply({ error: 'server_error' }, 500) },
  'status 503 with Retry-After': { reply: { status: 503, headers: { 'retry-after': '7' } } },
  'status 429 with Retry-After': { reply: { ...jsonReply({}, 429), headers: { ...json, 'retry-after': '7' } } },
  'status 404': { reply: { status: 404 } },
  'status 405': { reply: { status: 405 } },
  'status 408': { reply: { status: 408 } },
  'a connection cut before the answer': { reply: { instead: 'cut' } },
  'a connection cut in the answer': { reply: { headers: json, body: '{"access_token":', after: 'cut' } },
};

/** Failures that only a time limit ends. */
export const slowTokenFaults: Record<string, TokenBend> = {
  'no answer at all': { reply: { instead: 'hang' } },
  'headers and no body': { reply: { headers: json, body: '', after: 'hang' } },
  'a byte at a time for ever': { reply: () => ({ headers: json, body: drip(endlessSpaces(), 50) }) },
};

function* endlessSpaces(): Generator<string> {
  for (;;) yield ' ';
}

/** Answers with 200 that no client may believe. */
export const unusableTokenAnswers: Record<string, TokenBend> = {
  'access_token is missing': { body: { access_token: undefined } },
  'access_token is empty': { body: { access_token: '' } },
  'access_token is a number': { body: { access_token: 12345 } },
  'access_token holds CR LF': { body: { access_token: 'at_x\r\nX-Injected: 1' } },
  'access_token holds a space': { body: { access_token: 'at_x y' } },
  'access_token holds letters outside ASCII': { body: { access_token: 'at_ø' } },
  'expires_in is negative': { body: { expires_in: -1 } },
  'expires_in is zero': { body: { expires_in: 0 } },
  'expires_in is a word': { body: { expires_in: 'soon' } },
  'expires_in is an object': { body: { expires_in: {} } },
  'token_type is mac': { body: { token_type: 'mac' } },
  'token_type is a number': { body: { token_type: 1 } },
  'token_type is DPoP': { body: { token_type: 'DPoP' } },
  'the answer has 20 MB': { body: () => ({ padding: 'x'.repeat(20 * 1024 * 1024) }) },
};

/** Odd answers that are usable, and what is to be made of them. */
export const usableTokenAnswers: Record<string, TokenBend> = {
  'expires_in is text': { body: { expires_in: '3600' } },
  'expires_in is missing': { body: { expires_in: undefined } },
  'expires_in is null': { body: { expires_in: null } },
  'expires_in is absurd (1e15)': { body: { expires_in: 1e15 } },
  'token_type is in small letters': { body: { token_type: 'bearer' } },
  'token_type is in capitals': { body: { token_type: 'BEARER' } },
  'token_type is missing': { body: { token_type: undefined } },
  'token_type is empty': { body: { token_type: '' } },
  'token_type is null': { body: { token_type: null } },
  'refresh_token is null': { body: { refresh_token: null } },
  'refresh_token is empty': { body: { refresh_token: '' } },
  'refresh_token is missing': { body: { refresh_token: undefined } },
  'scope is a list': { body: ({ scope }) => ({ scope: String(scope).split(' ') }) },
  'scope is missing': { body: { scope: undefined } },
  'a 100 nobody asked for comes first': {
    written: (reply) => ({ ...reply, interim: { status: 100, headers: {} } }),
  },
  'it has members nobody knows': { body: { extra: { deep: [1] } } },
};

/** Answers that mean: this grant is over. */
export const deadGrantAnswers: Record<string, TokenBend> = {
  invalid_grant: tokenError('invalid_grant'),
  'invalid_grant with 401': tokenError('invalid_grant', 401),
  'an empty 400': { reply: { status: 400, headers: json, body: '' } },
  'a 400 without a known code': { reply: jsonReply({ message: 'no' }, 400) },
};

/** Answers that mean: the operator has to act, every connection stays. */
export const misconfiguredAnswers: Record<string, TokenBend> = {
  invalid_client: tokenError('invalid_client'),
  'invalid_client with 400': tokenError('invalid_client', 400),
  unauthorized_client: tokenError('unauthorized_client'),
  'a 401 with WWW-Authenticate alone': {
    reply: { status: 401, headers: { 'www-authenticate': 'Basic realm="token"' } },
  },
  'a 401 with WWW-Authenticate and invalid_client': {
    reply: {
      ...jsonReply({ error: 'invalid_client' }, 401),
      headers: { ...json, 'www-authenticate': 'Basic realm="token"' },
    },
  },
};

/** A redirect that must not be followed: the body holds the code or the refresh token, and the client's secret. */
export function redirectedTo(url: string, status = 307): TokenBend {
  return { reply: redirectReply(url, status) };
}
