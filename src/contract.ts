/*
 * The shapes of the JSON interface that several folders speak of, each written once: the connections make them, the endpoints
 * send them, the pages show them, and openapi/ and client/ describe them.
 */

export const connectionStatuses = [
  'not_connected',
  'connected',
  'expiring',
  'confirmation_required',
  'scope_missing',
  'organization_required',
  'reauth_required',
  'provider_unavailable',
] as const;
/** `connected` and `expiring` connections can be used. */
export type ConnectionStatus = (typeof connectionStatuses)[number];

export const revocations = ['revoked', 'not_supported', 'failed', 'skipped', 'not_connected'] as const;
/** What became of the grant at the provider. */
export type Revocation = (typeof revocations)[number];

export const refreshResults = ['rotated', 'refreshed', 'refused', 'failed'] as const;
export type RefreshResult = (typeof refreshResults)[number];

/** One of several connections that could be meant. */
export interface ConnectionChoice {
  id: string;
  label: string | null;
  account: { subject: string | null; label: string | null } | null;
}

/**
 * A member of `connections` in /api/session: a connection, or a provider that has none. Times are RFC 3339, lengths of time
 * are whole seconds. Nothing in it opens anything.
 */
export interface ConnectionState {
  /** null: there is none at this provider. */
  id: string | null;
  provider: string;
  name: string;
  environment: string | null;
  status: ConnectionStatus;
  /** The person's name for it, else the account's label. */
  label: string | null;
  connected_at: string | null;
  account: { subject: string | null; label: string | null } | null;
  /** The values that the provider file shows; null where nothing is connected. */
  variables: Readonly<Record<string, string>> | null;
  scopes: { granted: readonly string[]; missing: readonly string[] } | null;
  access: { expires_at: string | null; expires_in: number | null; source: string; refreshable: boolean } | null;
  /** `chosen` is false until a person, or a provider with one organization only, has decided; the personal account counts. */
  organization: { id: string | null; name: string | null; required: boolean; chosen: boolean } | null;
  last_refresh: { at: string; result: RefreshResult } | null;
  /** `connect` is null where a person cannot connect, because the operator's own account is used. */
  links: { connect: string | null; proxy: string };
}
