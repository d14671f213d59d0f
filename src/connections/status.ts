import type { ConnectionChoice, ConnectionState, ConnectionStatus } from '../contract.js';
import { missingScopes as scopesMissingIn } from '../oauth/scopes.js';
import { isExpired, type TokenSet } from '../oauth/token-set.js';
import type { Provider } from '../providers/provider.js';
import { publicValues } from '../providers/variables/with-values.js';
import type { StoredConnection } from './connection-store.js';
import type { Connection } from './connection.js';
import { grantEndsAt } from './grant-end.js';
import { mustChoose } from './memberships.js';
import type { Pause } from './refresh/pause.js';

interface Situation {
  stored?: StoredConnection | undefined;
  /** A token set waits for the person to confirm its account. */
  candidate: boolean;
  pause?: Pause | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  /** The path of PUBLIC_URL. */
  basePath: string;
  /** When the session ends, and the connection with it. */
  sessionEnd?: SessionEnd | undefined;
  /** Several are connected at the provider: addresses name this one by its id. */
  isOneOfSeveral?: boolean;
}

/** The earlier one of the two ends of a session, in milliseconds since the epoch. */
export interface SessionEnd {
  at: number;
  reason: 'session_idle' | 'session_max';
}

export function connectionState(
  provider: Provider,
  { stored, candidate, pause, now, basePath, sessionEnd, isOneOfSeveral = false }: Situation,
): ConnectionState {
  const connection = stored?.connection;
  const tokens = connection?.tokens;
  const isHeld = stored !== undefined && provider.grant !== 'client_credentials';
  const key = isOneOfSeveral && stored ? stored.id : provider.id;
  const connect = `${basePath}/connect/${provider.id}`;
  return {
    id: isHeld ? stored.id : null,
    provider: provider.id,
    name: provider.name,
    environment: provider.environment ?? null,
    status: status(provider, { stored, candidate, pause, now, basePath }),
    label: connection ? labelOf(connection) : null,
    connected_at: isHeld && connection ? timestamp(connection.connectedAt) : null,
    account: connection
      ? { subject: connection.account.subject ?? null, label: connection.account.label ?? null }
      : null,
    variables: connection ? (publicValues(provider, connection.variables) ?? {}) : null,
    scopes: connection?.tokens ? scopesOf(provider, connection, connection.tokens.scopes) : null,
    access: tokens ? accessOf(provider, tokens, now, sessionEnd) : null,
    organization:
      provider.organizations && connection
        ? {
            id: connection.organization?.id ?? null,
            name: connection.organization?.name ?? null,
            required: provider.organizations.required || connection.organizationLost === true,
            chosen: connection.organization !== undefined,
          }
        : null,
    last_refresh: connection?.lastRefresh
      ? { at: timestamp(connection.lastRefresh.at), result: connection.lastRefresh.result }
      : null,
    links: {
      connect:
        provider.grant === 'client_credentials' ? null : isOneOfSeveral ? `${connect}?connection=${key}` : connect,
      proxy: `${basePath}/proxy/${key}/`,
    },
  };
}

/** What a caller may choose a connection by. */
export function choiceOf({ id, connection }: StoredConnection): ConnectionChoice {
  const { subject = null, label = null } = connection?.account ?? {};
  return {
    id,
    label: connection ? labelOf(connection) : null,
    account: connection ? { subject, label } : null,
  };
}

/** What a person knows the connection by. */
export function labelOf({ label, account }: Connection): string | null {
  return label ?? account.label ?? null;
}

/** The access ends with the token or with the session, whichever is earlier. */
function accessOf(
  { grant }: Provider,
  { expiresAt, expirySource, refreshToken }: TokenSet,
  now: number,
  sessionEnd: SessionEnd | undefined,
): NonNullable<ConnectionState['access']> {
  const isSession = expiresAt !== undefined && sessionEnd !== undefined && sessionEnd.at < expiresAt;
  const endsAt = isSession ? sessionEnd.at : expiresAt;
  return {
    expires_at: endsAt === undefined ? null : timestamp(endsAt),
    expires_in: endsAt === undefined ? null : secondsLeft(endsAt, now),
    source: isSession ? sessionEnd.reason : expirySource,
    refreshable: refreshToken !== undefined || grant === 'client_credentials',
  };
}

function status(provider: Provider, { stored, candidate, pause, now }: Situation): ConnectionStatus {
  const connection = stored?.connection;
  if (candidate && (!connection || connection.refused)) return 'confirmation_required';
  if (!stored) return 'not_connected';
  if (!connection?.tokens || connection.refused || connection.rejected) return 'reauth_required';
  const { tokens } = connection;
  const refreshable = tokens.refreshToken !== undefined || provider.grant === 'client_credentials';
  const expired = isExpired(tokens, now);
  if (expired && !refreshable) return 'reauth_required';
  if (expired && pause && pause.until > now) return 'provider_unavailable';
  if (missingScopes(provider, connection).length > 0) return 'scope_missing';
  if (mustChoose(provider, connection)) return 'organization_required';
  const endsAt = refreshable ? grantEndsAt(provider, connection) : tokens.expiresAt;
  if (endsAt !== undefined && endsAt - provider.token.warnBefore * 1000 < now) return 'expiring';
  return 'connected';
}

/** What a connection lacks is not granted, whatever the server lists: offline_access without a refresh token grants nothing. */
function scopesOf(
  provider: Provider,
  connection: Connection,
  listed: readonly string[],
): { granted: string[]; missing: string[] } {
  const missing = missingScopes(provider, connection);
  return { granted: listed.filter((scope) => !missing.includes(scope)), missing };
}

/** Scopes of the connection that were asked for and not granted. */
export function missingScopes(provider: Provider, { requestedScopes, tokens, identity }: Connection): string[] {
  if (!tokens) return [];
  const hasIdToken = identity !== undefined || provider.token.idToken === 'required';
  const hasRefreshToken = tokens.refreshToken !== undefined;
  return scopesMissingIn(provider, requestedScopes, { granted: tokens.scopes, hasRefreshToken, hasIdToken });
}

function secondsLeft(end: number, now: number): number {
  return Math.max(0, Math.floor((end - now) / 1000));
}

/** RFC 3339, UTC, whole seconds. */
export function timestamp(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
