import { GatehouseError, type ProblemCode } from '../errors.js';
import type { Provider } from '../providers/provider.js';
import { cleanDescription } from './clean-description.js';
import { isIssuer } from '../issuer.js';
import { isSigned } from './signed-response.js';
import type { AuthorizationServer } from './authorization-server.js';

/** The parameters that came back to the redirect URI; none of them twice. */
export type AuthorizationResponse = Readonly<Partial<Record<string, string>>>;

/** The authorization server answered with an error; its code is for the log and for the file's hints alone. */
export class AuthorizationError extends Error {
  override readonly name = 'AuthorizationError';
  readonly code: string;
  /** What the server said, cleaned, for the operator's log alone. */
  readonly description: string | undefined;

  constructor(error: string, description: string | undefined) {
    const code = /^[\w.-]{1,64}$/.test(error) ? error : 'unreadable_code';
    super(`the authorization server refused (${code})`);
    this.code = code;
    this.description = description;
  }
}

interface Check {
  name: string;
  /** Where the rule stands. */
  section: string;
  code: ProblemCode;
  detail: string;
  holds(response: AuthorizationResponse, server: AuthorizationServer, provider: Provider): boolean;
}

/** What must be true of an answer to an attempt that is known to be this browser's, before its code is spent; in this order. */
export const authorizationResponseChecks: readonly Check[] = [
  {
    name: 'issuer is ours',
    section: 'RFC 9207 section 2.4',
    code: 'issuer_mismatch',
    detail: 'The answer names another authorization server. Nothing was connected; start again.',
    holds: ({ iss }, server) => iss === undefined || server.issuer === undefined || isIssuer(iss, server.issuer),
  },
  {
    name: 'issuer is named where it is promised',
    section: 'RFC 9207 section 2.4',
    code: 'issuer_mismatch',
    detail: 'The answer does not name its authorization server. Nothing was connected; start again.',
    holds: ({ iss }, server) => iss !== undefined || !server.issParameterSupported,
  },
  {
    name: 'the person did not refuse',
    section: 'RFC 6749 section 4.1.2.1',
    code: 'access_denied',
    detail: 'The access was not granted. Nothing was changed.',
    holds: ({ error, code }, _server, provider) =>
      !(error !== undefined && isRefusal(error, provider)) &&
      !(error === undefined && !code && provider.authorization.denial === 'error_or_no_code'),
  },
  {
    name: 'the server is able to answer',
    section: 'RFC 6749 section 4.1.2.1',
    code: 'token_endpoint_unavailable',
    detail: 'The provider cannot sign anybody in right now. Try again in a moment.',
    holds: ({ error }) => error !== 'server_error' && error !== 'temporarily_unavailable',
  },
  {
    name: 'there is no other error',
    section: 'RFC 6749 section 4.1.2.1',
    code: 'provider_misconfigured',
    detail:
      'The provider did not accept the request of this server. The administrator has to look at the registration.',
    holds: ({ error }) => error === undefined,
  },
  {
    name: 'there is a code',
    section: 'RFC 6749 section 4.1.2',
    code: 'invalid_request',
    detail: 'The answer holds neither a code nor an error. Start again.',
    holds: ({ code }) => code !== undefined && code !== '',
  },
  {
    name: 'it is signed where the provider signs',
    section: 'callback.hmac of the provider file',
    code: 'issuer_mismatch',
    detail: 'The answer is not signed by the provider. Nothing was connected; start again.',
    holds: (response, _server, provider) => isSigned(response, provider),
  },
];

/**
 * RFC 6749 4.1.2.1 and OpenID Connect Core 3.1.2.6: the person, or what the person would have to do, is missing. Then the words
 * that other servers have for it; a provider file adds its own under `authorization.errors.denied`.
 */
const refusals = new Set([
  ...['access_denied', 'consent_required', 'interaction_required', 'login_required', 'account_selection_required'],
  ...['user_cancelled_login', 'user_cancelled_authorize', 'user_cancelled', 'user_canceled', 'user_cancel'],
  ...['user_denied', 'user_declined', 'user_refused', 'user_rejected', 'user_aborted', 'userdenied'],
  ...['consent_declined', 'consent_denied', 'consent_refused', 'consent_rejected', 'consent_cancelled'],
  ...['access_refused', 'access_rejected', 'access_declined', 'authorization_denied', 'authorization_declined'],
  ...['authorization_cancelled', 'cancelled', 'canceled', 'cancel', 'denied', 'declined', 'refused', 'rejected'],
  ...['login_cancelled', 'login_canceled', 'cancelled_by_user', 'canceled_by_user', 'denied_by_user'],
]);

/** Servers write these words with underscores or hyphens, in any case. */
function isRefusal(error: string, { authorization }: Provider): boolean {
  return authorization.denied.has(error) || refusals.has(error.toLowerCase().replace(/[-. ]/g, '_'));
}

/** Answers the code. Throws GatehouseError for the first check that does not hold. */
export function readAuthorizationResponse(
  response: AuthorizationResponse,
  server: AuthorizationServer,
  provider: Provider,
): string {
  for (const { holds, code, detail } of authorizationResponseChecks)
    if (!holds(response, server, provider)) {
      const { error } = response;
      const { error_description: said, state = '', code: sent = '' } = response;
      const cause =
        error === undefined && said === undefined
          ? {}
          : { cause: new AuthorizationError(error ?? 'no_error', cleanDescription(said, [state, sent])) };
      throw new GatehouseError(code, detail, { provider: provider.id, ...cause });
    }
  return response['code'] ?? '';
}
