import { createHash } from 'node:crypto';
import { claimedIdentity } from '../../oauth/id-token.js';
import { TokenEndpointError, type TokenResponse } from '../../oauth/token-response.js';
import { toTokenSet, wholeSecond, type TokenSet } from '../../oauth/token-set.js';
import type { Provider } from '../../providers/provider.js';
import type { StoredConnection } from '../connection-store.js';
import type { Connection } from '../connection.js';
import { reauthRequired } from './failure.js';

/** A connection that can be used for a call. */
export type LiveConnection = Connection & { tokens: TokenSet };

/** The connection with its new tokens. Throws where they belong to somebody else (OpenID Connect Core 12.2). */
export function refreshed(
  provider: Provider,
  response: TokenResponse,
  connection: Connection | undefined,
  now: number,
): LiveConnection {
  const at = wholeSecond(now);
  if (response.idToken !== undefined && connection && provider.account.source === 'id_token') {
    const { sub } = claimedIdentity(response.idToken);
    if (sub !== undefined && connection.account.subject !== undefined && sub !== connection.account.subject)
      throw new TokenEndpointError('dead_grant', 'subject_changed');
  }
  const tokens = toTokenSet(response, provider, at, connection?.tokens);
  const rotated = response.refreshToken !== undefined && response.refreshToken !== connection?.tokens?.refreshToken;
  const {
    refused: _refused,
    rejected: _rejected,
    ...rest
  } = connection ?? {
    provider: provider.id,
    ...(provider.environment === undefined ? {} : { environment: provider.environment }),
    clientId: provider.clientId,
    connectedAt: at,
    account: { label: provider.clientId },
    requestedScopes: provider.scopes,
  };
  return { ...rest, tokens, lastRefresh: { at, result: rotated ? 'rotated' : 'refreshed' } };
}

/** Tokens that another writer left since `seen`; undefined where it still is what it was. Throws where the grant is over. */
export function newerThan(
  { connection }: StoredConnection,
  seen: StoredConnection | undefined,
  provider: Provider,
): LiveConnection | undefined {
  // An application's own token is asked for anew; what cannot be read of the old one is no loss.
  if (!connection && provider.grant === 'client_credentials') return undefined;
  if (!connection) throw reauthRequired(provider);
  const before = seen?.connection;
  if (connection.refused && !before?.refused) throw reauthRequired(provider);
  const { tokens, refused } = connection;
  if (!tokens || refused || isSameGrant(connection, before)) return undefined;
  return { ...connection, tokens };
}

/**
 * Whether a record says that its grant is over because of the very refresh token that `before` held. Another process sent it
 * a second time while this one was stopped, and was told that it is spent: by the tokens that this one brings.
 */
export function isRefusedFor(record: Connection | undefined, before: Connection | undefined): boolean {
  const refreshToken = before?.tokens?.refreshToken;
  return refreshToken !== undefined && record?.refused?.of === fingerprint(refreshToken);
}

/** Names a token among others; nothing can be done with it. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('base64url').slice(0, 22);
}

/** Whether two records hold the outcome of one token answer, whatever else was changed in them. */
export function isSameGrant(one: Connection | undefined, other: Connection | undefined): boolean {
  const [a, b] = [one?.tokens, other?.tokens];
  if (!a || !b || Boolean(one?.refused) !== Boolean(other?.refused)) return false;
  // A server may hand out the same access token again, with a longer life or another refresh token.
  return a.accessToken === b.accessToken && a.refreshToken === b.refreshToken && a.obtainedAt === b.obtainedAt;
}
