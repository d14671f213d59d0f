/** What became of a connection; `connected` and `expiring` ones can be used. */
export type ConnectionStatus =
  | 'not_connected'
  | 'connected'
  | 'expiring'
  | 'confirmation_required'
  | 'scope_missing'
  | 'organization_required'
  | 'reauth_required'
  | 'provider_unavailable';

/** A connection of the session, or a provider that has none. Times are RFC 3339, lengths of time are whole seconds. */
export interface Connection {
  /** Stays when it is refreshed and reconnected. null: nothing is connected at this provider. */
  id: string | null;
  provider: string;
  name: string;
  environment: string | null;
  status: ConnectionStatus;
  /** The person's name for it, else the account's label. */
  label: string | null;
  connected_at: string | null;
  account: { subject: string | null; label: string | null } | null;
  /** The values that the provider file shows, such as the number of a company; null where nothing is connected. */
  variables: Readonly<Record<string, string>> | null;
  scopes: { granted: readonly string[]; missing: readonly string[] } | null;
  access: { expires_at: string | null; expires_in: number | null; source: string; refreshable: boolean } | null;
  organization: { id: string | null; name: string | null; required: boolean; chosen: boolean } | null;
  last_refresh: { at: string; result: string } | null;
  /** `connect` is null where a person cannot connect, because the operator's own account is used. */
  links: { connect: string | null; proxy: string };
}

/** One of several connections of which one is to be named. */
export type ConnectionChoice = Pick<Connection, 'label' | 'account'> & { id: string };

/** What `GET /api/session` answers: every connection, and every provider on offer that has none. */
export interface Session {
  session: { active: boolean; expires_in: number | null; idle_expires_in: number | null };
  connections: readonly Connection[];
}

/** What became of the grant at the provider. */
export type Revocation = 'revoked' | 'not_supported' | 'failed' | 'skipped' | 'not_connected';

export interface Disconnected {
  /** Empty where an id named a connection that had ended already. */
  provider: string;
  revocation: Revocation;
}

export interface ConnectOptions {
  /** In a window of its own, and this page stays; otherwise this page goes to the provider and comes back. */
  popup?: boolean;
  /** Where a page that left comes back to: a path, or an address of an allowed origin. This page unless told. */
  returnTo?: string | URL;
  /** The provider's own parameters, as far as its file lets a caller set them. */
  parameters?: Readonly<Record<string, string>>;
  /** The id of the connection to reconnect. Needed where the provider has several. */
  connection?: string | undefined;
  /** Connects another account beside those that are connected. */
  add?: boolean;
  /** Asks the person for consent again, as after scope_missing. */
  reconsent?: boolean;
}

/** How a connect by redirect ended, as the address of this page says. Anybody may have written that address. */
export interface Outcome {
  /** The provider that was started from this tab; undefined where that is not known. */
  provider: string | undefined;
  /** The id of the connection that was made or reconnected. */
  connection: string | undefined;
  /** Undefined: it was connected. */
  error: GatehouseErrorCode | undefined;
  requestId: string | undefined;
}

/** Codes of Gatehouse itself, as in its problem documents. */
export type ProblemCode =
  | 'invalid_request'
  | 'invalid_return_to'
  | 'state_unknown'
  | 'state_expired'
  | 'nonce_mismatch'
  | 'issuer_mismatch'
  | 'id_token_invalid'
  | 'code_exchange_rejected'
  | 'interaction_required'
  | 'login_required'
  | 'owner_required'
  | 'owner_expired'
  | 'not_connected'
  | 'reauth_required'
  | 'signature_invalid'
  | 'csrf_required'
  | 'origin_not_allowed'
  | 'not_a_navigation'
  | 'scope_missing'
  | 'route_not_allowed'
  | 'access_denied'
  | 'unknown_provider'
  | 'unknown_connection'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'connection_ambiguous'
  | 'too_many_connections'
  | 'organization_required'
  | 'account_mismatch'
  | 'variable_required'
  | 'not_refreshable'
  | 'confirmation_required'
  | 'body_too_large'
  | 'expectation_failed'
  | 'rate_limited'
  | 'header_too_large'
  | 'internal_error'
  | 'upstream_unreachable'
  | 'upstream_invalid_response'
  | 'token_response_invalid'
  | 'provider_misconfigured'
  | 'refresh_unavailable'
  | 'token_endpoint_unavailable'
  | 'discovery_pending'
  | 'store_unavailable'
  | 'owner_keys_unavailable'
  | 'upstream_busy'
  | 'shutting_down'
  | 'upstream_timeout';

/** Codes of this module: the window was blocked, or closed early; something that is not Gatehouse answered. */
export type ClientCode = 'popup_blocked' | 'popup_closed' | 'unexpected_answer';

/** A newer server may have further codes. */
export type GatehouseErrorCode = ProblemCode | ClientCode | (string & {});
