import type { ConnectionChoice } from './contract.js';

/** Every error code of the public contract, with the HTTP status and the title that go with it (docs/errors.md). */
export const problems = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_return_to: { status: 400, title: 'return_to is not an address of this application' },
  state_unknown: { status: 400, title: 'This sign-in did not start here, or has already ended' },
  state_expired: { status: 400, title: 'This sign-in took too long' },
  nonce_mismatch: { status: 400, title: 'The identity belongs to another sign-in' },
  issuer_mismatch: { status: 400, title: 'The response came from another authorization server' },
  id_token_invalid: { status: 400, title: 'The identity could not be verified' },
  code_exchange_rejected: { status: 400, title: 'The sign-in expired or was already used' },
  login_required: { status: 401, title: 'There is no session' },
  owner_required: { status: 401, title: 'Sign in first' },
  owner_expired: { status: 401, title: 'Sign in again' },
  not_connected: { status: 401, title: 'Not connected' },
  reauth_required: { status: 401, title: 'Connect again' },
  signature_invalid: { status: 401, title: 'The event is not signed by the provider' },
  csrf_required: { status: 403, title: 'The request does not prove that it comes from this application' },
  origin_not_allowed: { status: 403, title: 'The request comes from another origin' },
  not_a_navigation: { status: 403, title: 'Connecting starts with a click, not in the background' },
  scope_missing: { status: 403, title: 'A permission is missing' },
  route_not_allowed: { status: 403, title: 'This call is not allowed' },
  interaction_required: { status: 403, title: 'The provider asks for a further step' },
  access_denied: { status: 403, title: 'The connection was refused' },
  unknown_provider: { status: 404, title: 'Unknown provider' },
  unknown_connection: { status: 404, title: 'Unknown connection' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'The request took too long' },
  connection_ambiguous: { status: 409, title: 'Several connections could be meant' },
  too_many_connections: { status: 409, title: 'There are too many connections' },
  organization_required: { status: 409, title: 'Choose an organization first' },
  account_mismatch: { status: 409, title: 'The connection is of another account' },
  variable_required: { status: 409, title: 'The provider needs to know more first' },
  not_refreshable: { status: 409, title: 'This connection cannot be refreshed' },
  confirmation_required: { status: 409, title: 'Confirm the account first' },
  body_too_large: { status: 413, title: 'The body is too large' },
  expectation_failed: { status: 417, title: 'The Expect header is not supported' },
  rate_limited: { status: 429, title: 'Too many requests' },
  header_too_large: { status: 431, title: 'The header of the request is too large' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  upstream_unreachable: { status: 502, title: 'The provider cannot be reached' },
  upstream_invalid_response: { status: 502, title: "The provider's response is not valid" },
  token_response_invalid: { status: 502, title: "The provider's token response is not valid" },
  provider_misconfigured: { status: 502, title: 'The provider is not set up correctly' },
  refresh_unavailable: { status: 503, title: 'The connection cannot be refreshed right now' },
  token_endpoint_unavailable: { status: 503, title: 'The provider cannot be reached for signing in' },
  discovery_pending: { status: 503, title: 'The provider is not ready yet' },
  store_unavailable: { status: 503, title: 'The session store cannot be reached' },
  owner_keys_unavailable: { status: 503, title: "The application's keys cannot be read" },
  shutting_down: { status: 503, title: 'The server is shutting down' },
  upstream_busy: { status: 503, title: 'Too many calls to the provider are under way' },
  upstream_timeout: { status: 504, title: 'The provider took too long' },
} as const;

export type ProblemCode = keyof typeof problems;

export interface ProblemContext {
  provider?: string;
  /** Seconds after which a repetition makes sense; becomes Retry-After. */
  retryAfter?: number;
  /** Methods for the Allow header of a 405. */
  allow?: readonly string[];
  /** What a caller may choose from. */
  connections?: readonly ConnectionChoice[];
  /** The names of the variables that are still to be said. */
  variables?: readonly string[];
  /** Why a connection has ended. */
  reason?: string;
  cause?: unknown;
}

/**
 * A failure that a caller is told about: `code` for the machine, `detail` for the person, `cause` for the log alone.
 * The detail is always a sentence of ours; text of a provider never goes into it. `about`: the provider's id, or more.
 */
export class GatehouseError extends Error {
  override readonly name = 'GatehouseError';
  readonly provider: string | undefined;
  readonly retryAfter: number | undefined;
  readonly allow: readonly string[] | undefined;
  readonly connections: readonly ConnectionChoice[] | undefined;
  readonly variables: readonly string[] | undefined;
  readonly reason: string | undefined;

  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    about: ProblemContext | string = {},
  ) {
    const context = typeof about === 'string' ? { provider: about } : about;
    super(`${code}: ${detail}`, 'cause' in context ? { cause: context.cause } : undefined);
    this.provider = context.provider;
    this.retryAfter = context.retryAfter;
    this.allow = context.allow;
    this.connections = context.connections;
    this.variables = context.variables;
    this.reason = context.reason;
  }

  get status(): number {
    return problems[this.code].status;
  }
}
