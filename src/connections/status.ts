import type { ConnectionState, ConnectionStatus } from '../contract.js';
import { isExpired } from '../oauth/token-set.js';
import type { Provider } from '../providers/provider.js';
import type { StoredConnection } from './connection-store.js';
import type { Connection } from './connection.js';
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
}

export function connectionState(
  provider: Provider,
  { stored, candidate, pause, now, basePath }: Situation,
): ConnectionState {
  const connection = stored?.connection;
  const tokens = connection?.tokens;
  return {
    provider: provider.id,
    name: provider.name,
    environment: provider.environment ?? null,
    status: status(provider, { stored, candidate, pause, now, basePath }),
    account: connection
      ? { subject: connection.account.subject ?? null, label: connection.account.label ?? null }
      : null,
    scopes: connection?.tokens ? scopesOf(connection, connection.tokens.scopes) : null,
    access: tokens
      ? {
          expires_at: timestamp(tokens.expiresAt),
          expires_in: Math.max(0, Math.floor((tokens.expiresAt - now) / 1000)),
          source: tokens.expirySource,
          refreshable: tokens.refreshToken !== undefined || provider.grant === 'client_credentials',
        }
      : null,
    organization:
      provider.organizations && connection
        ? {
            id: connection.organization?.id ?? null,
            name: connection.organization?.name ?? null,
            required: provider.organizations.required || connection.organizationLost === true,
          }
        : null,
    last_refresh: connection?.lastRefresh
      ? { at: timestamp(connection.lastRefresh.at), result: connection.lastRefresh.result }
      : null,
    links: {
      connect: provider.grant === 'authorization_code' ? `${basePath}/connect/${provider.id}` : null,
      proxy: `${basePath}/proxy/${provider.id}/`,
    },
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
  if (missingScopes(connection).length > 0) return 'scope_missing';
  if (mustChoose(provider, connection)) return 'organization_required';
  if (!refreshable && tokens.expiresAt - now < provider.token.warnBefore * 1000) return 'expiring';
  return 'connected';
}

/** What a connection lacks is not granted, whatever the server lists: offline_access without a refresh token grants nothing. */
function scopesOf(connection: Connection, listed: readonly string[]): { granted: string[]; missing: string[] } {
  const missing = missingScopes(connection);
  return { granted: listed.filter((scope) => !missing.includes(scope)), missing };
}

/**
 * Scopes that were asked for and not granted. A granted offline_access shows as a refresh token, a granted openid as an
 * ID token; servers do not always repeat them as scopes.
 */
export function missingScopes({ requestedScopes, tokens }: Connection): string[] {
  if (!tokens) return [];
  return requestedScopes.filter((scope) => {
    if (scope === 'openid') return false;
    return scope === 'offline_access' ? tokens.refreshToken === undefined : !tokens.scopes.includes(scope);
  });
}

/** RFC 3339, UTC, whole seconds. */
export function timestamp(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}
