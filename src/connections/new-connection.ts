import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { compact } from '../compact.js';
import { withEndpoints, type AuthorizationServer } from '../oauth/authorization-server.js';
import type { Redeemed } from '../oauth/redeem.js';
import { wholeSecond } from '../oauth/token-set.js';
import type { Provider } from '../providers/provider.js';
import { withValues } from '../providers/variables/with-values.js';
import type { Store } from '../store/store.js';
import { newConnectionId } from './cell.js';
import { grantOf, type Connection } from './connection.js';
import type { ConnectionStore } from './connection-store.js';
import { originOf } from './origin.js';
import { takeLock } from './refresh/lock.js';

/** The connection that a sign-in has made, by itself, under an id of its own. */
export function newConnection(
  provider: Provider,
  server: AuthorizationServer,
  { tokens, account, identity, variables }: Redeemed,
  now: number,
): Connection {
  const whole = withValues(provider, variables);
  return compact({
    id: newConnectionId(provider.id),
    provider: provider.id,
    environment: provider.environment,
    clientId: provider.clientId,
    origin: originOf(whole, withEndpoints(server, whole)),
    connectedAt: wholeSecond(now),
    grantId: randomBytes(9).toString('base64url'),
    identity: identity && { iss: identity.iss, sub: identity.sub },
    account,
    variables,
    tokens,
    requestedScopes: provider.scopes,
  });
}

/**
 * What the response to a sign-in leaves out stays in force where it is of the same account: its label, the chosen organization,
 * and, where client and scopes are the same as well, the refresh token. Some servers give that at the first consent alone.
 */
export function withWhatIsLeftOut(connection: Connection, existing: Connection | undefined): Connection {
  if (existing?.account.subject === undefined || existing.account.subject !== connection.account.subject)
    return connection;
  if (!isDeepStrictEqual(existing.variables, connection.variables)) return connection;
  const { label, organization, organizationSkipped, organizationLost, account } = existing;
  const kept = { ...connection, ...compact({ label, organization, organizationSkipped, organizationLost }) };
  const labelled = { ...kept, account: { ...compact({ label: account.label }), ...connection.account } };
  const refreshToken = existing.tokens?.refreshToken;
  const { tokens } = connection;
  if (!tokens || tokens.refreshToken !== undefined || refreshToken === undefined) return labelled;
  if (!hasSameScopes(connection, existing) || connection.clientId !== existing.clientId) return labelled;
  // The grant is the one that the refresh token is of.
  return { ...labelled, ...compact({ grantId: grantOf(existing) }), tokens: { ...tokens, refreshToken } };
}

function hasSameScopes(one: Connection, other: Connection): boolean {
  const asked = new Set(one.requestedScopes);
  const granted = other.tokens?.scopes ?? [];
  return (
    asked.size === new Set(other.requestedScopes).size &&
    other.requestedScopes.every((scope) => asked.has(scope)) &&
    (one.tokens?.scopes ?? []).every((scope) => granted.includes(scope))
  );
}

/** Milliseconds that a refresh under way is waited for. */
const refreshTimeoutMs = 3_000;

/**
 * Stores what a sign-in brought over what is there. A refresh token that stays in force is taken from the record under the
 * lock of its refresh: otherwise a refresh could spend it between reading and writing.
 */
export async function storeOver<T>(
  { store, connections }: { store: Store; connections: ConnectionStore },
  slot: string,
  cell: string,
  connection: Connection,
  write: (connection: Connection) => Promise<T>,
): Promise<T> {
  const readExisting = async () => (await connections.read(slot, cell))?.connection;
  const existing = await readExisting();
  const merged = withWhatIsLeftOut(connection, existing);
  if (merged.tokens?.refreshToken === connection.tokens?.refreshToken) return write(merged);
  const deadline = performance.now() + refreshTimeoutMs;
  let lock = await takeLock(store, slot, cell);
  while (!lock && performance.now() < deadline) {
    await wait(100);
    lock = await takeLock(store, slot, cell);
  }
  try {
    return await write(withWhatIsLeftOut(connection, await readExisting()));
  } finally {
    await lock?.release();
  }
}
