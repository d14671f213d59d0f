import { createHash } from 'node:crypto';
import { compact } from '../../compact.js';
import { agreedIssuer } from '../../issuer.js';
import { accountOf } from '../../oauth/account.js';
import { jwtClaims } from '../../oauth/jwt-claims.js';
import { TokenEndpointError, type TokenResponse } from '../../oauth/token-response.js';
import { toTokenSet, wholeSecond, type TokenSet } from '../../oauth/token-set.js';
import type { Provider } from '../../providers/provider.js';
import { newConnectionId } from '../cell.js';
import type { StoredConnection } from '../connection-store.js';
import type { Connection } from '../connection.js';
import { reauthRequired } from './failure.js';

/** A connection that can be used for a call. */
export type LiveConnection = Connection & { tokens: TokenSet };

/** The connection with its new tokens. Throws TokenEndpointError where they belong to another account. */
export function refreshed(
  provider: Provider,
  response: TokenResponse,
  connection: Connection | undefined,
  now: number,
): LiveConnection {
  const at = wholeSecond(now);
  const change = connection && response.idToken !== undefined && identityChange(provider, connection, response.idToken);
  if (change) throw new TokenEndpointError('dead_grant', change);
  const tokens = toTokenSet(response, provider, at, connection?.tokens);
  const rotated = response.refreshToken !== undefined && response.refreshToken !== connection?.tokens?.refreshToken;
  const { refused: _refused, rejected: _rejected, ...rest } = connection ?? applicationConnection(provider, at);
  return { ...rest, tokens, lastRefresh: { at, result: rotated ? 'rotated' : 'refreshed' } };
}

/** The operator's own connection, before it has tokens (client credentials). */
function applicationConnection({ id, environment, clientId, scopes }: Provider, at: number): Connection {
  const account = { label: clientId };
  return compact({
    id: newConnectionId(id),
    provider: id,
    environment,
    clientId,
    connectedAt: at,
    account,
    requestedScopes: scopes,
  });
}

/**
 * What differs between the ID token of a refresh and that of the sign-in (OpenID Connect Core 12.2), where one was verified
 * at the sign-in. Where the file names the account by another claim, that claim is compared as well. It came straight from
 * the token endpoint over TLS, so that its signature adds nothing (3.1.3.7, item 6).
 */
function identityChange(provider: Provider, connection: Connection, idToken: string): string | undefined {
  const { identity, account, clientId } = connection;
  const isKnown = identity !== undefined || provider.token.idToken === 'required';
  const claims = isKnown && provider.token.idToken !== 'none' ? jwtClaims(idToken) : undefined;
  if (!claims) return undefined;
  const { iss, sub, aud, azp: party } = claims;
  if (identity ? iss !== identity.iss : !isOfProvider(provider, iss)) return 'issuer_changed';
  if (identity && sub !== identity.sub) return 'subject_changed';
  if (![aud].flat().includes(clientId)) return 'audience_changed';
  if (party !== undefined && party !== clientId) return 'audience_changed';
  const named = provider.account.source === 'id_token' ? accountOf(provider, claims).subject : undefined;
  return named === undefined || account.subject === undefined || named === account.subject
    ? undefined
    : 'subject_changed';
}

/** For connections of releases before 0.3, which did not keep the issuer. The file may name it without its final slash. */
function isOfProvider({ issuer }: Provider, iss: unknown): boolean {
  return issuer === undefined || (typeof iss === 'string' && agreedIssuer(issuer, iss) !== undefined);
}

/** Tokens that another process wrote since `seen`; undefined where none did. Throws where the grant is over. */
export function newerThan(
  { connection }: StoredConnection,
  seen: StoredConnection | undefined,
  provider: Provider,
): LiveConnection | undefined {
  // For an application another token is asked for; what cannot be read of the old one is no loss.
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
 * a second time while this one was stopped, and was refused because this one had spent it.
 */
export function isRefusedFor(record: Connection | undefined, before: Connection | undefined): boolean {
  const refreshToken = before?.tokens?.refreshToken;
  return refreshToken !== undefined && record?.refused?.of === fingerprint(refreshToken);
}

/** Whether a record that was changed meanwhile still holds the refresh token that was sent, for the same account. */
export function holdsSentToken(record: Connection | undefined, before: Connection | undefined): boolean {
  const refreshToken = before?.tokens?.refreshToken;
  if (refreshToken === undefined || record?.tokens?.refreshToken !== refreshToken || record.refused) return false;
  return record.account.subject === before?.account.subject;
}

/** Whether the server is known to give a new refresh token for each one, so that a second use of one is a misuse. */
export function rotates(connection: Connection | undefined): boolean {
  return connection?.lastRefresh?.result === 'rotated';
}

/** Names a token among others; nothing can be done with it. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('base64url').slice(0, 22);
}

/** Whether two records hold the tokens of one token response, whatever else was changed in them. */
export function isSameGrant(one: Connection | undefined, other: Connection | undefined): boolean {
  const [a, b] = [one?.tokens, other?.tokens];
  if (!a || !b || Boolean(one?.refused) !== Boolean(other?.refused)) return false;
  // A server may hand out the same access token again, with a longer life or another refresh token.
  return a.accessToken === b.accessToken && a.refreshToken === b.refreshToken && a.obtainedAt === b.obtainedAt;
}
