import { setTimeout as wait } from 'node:timers/promises';
import { compact } from '../../compact.js';
import { faultPoint } from '../../fault-points.js';
import type { TokenResponse } from '../../oauth/token-response.js';
import type { StoredValues } from '../../providers/variables/provider-variables.js';
import { withValues } from '../../providers/variables/with-values.js';
import { wholeSecond } from '../../oauth/token-set.js';
import { pauseKey } from '../../store/keys.js';
import { StoreUnavailableError, type Guard } from '../../store/store.js';
import type { StoredConnection } from '../connection-store.js';
import type { Connection } from '../connection.js';
import { oneMoreRefresh } from '../refusals/rejection-refreshes.js';
import type { RefreshAttempt, RefreshDependencies } from './attempt.js';
import { valuesAfterRenewal } from './renewed-values.js';
import { overtakenBy } from './overtaken.js';
import { holdsSentToken, isRefusedFor, isSameGrant, refreshed, type LiveConnection } from './refreshed-connection.js';

/** Milliseconds for which new tokens are kept in memory while the store does not take them. */
const savingTimeoutMs = 30_000;

/** What one write came to: the tokens are stored, or another record is there, or none. */
type Saved = { isStored: true } | { isStored: false; current: StoredConnection | undefined };

/**
 * Writes the new tokens over the record they were made from. They exist only here until that is done, so a store that does
 * not respond is asked again. A record that lost or changed its tokens meanwhile wins, and is returned; one that still waits
 * for these tokens takes them in.
 */
export async function saveTokens(
  dependencies: RefreshDependencies,
  attempt: RefreshAttempt,
  response: TokenResponse,
): Promise<LiveConnection> {
  const values = await valuesAfterRenewal(dependencies, attempt, response);
  const deadline = performance.now() + savingTimeoutMs;
  await endPause(dependencies, attempt);
  let base = attempt.stored;
  for (;;) {
    const connection = connectionAfter(dependencies, attempt, { response, values }, base?.connection);
    try {
      const saved = await write(dependencies, attempt, connection, base);
      if (saved.isStored) return logRefreshed(dependencies, attempt, connection);
      const next = recordToWriteOver(saved.current, attempt, response);
      if (!next) return await giveWay(dependencies, attempt, connection, saved.current);
      base = next;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || performance.now() > deadline) throw error;
      attempt.onStoreTrouble(error);
      await wait(200);
    }
  }
}

/** The token endpoint responds again: the next failure begins with the shortest pause. */
async function endPause({ store }: RefreshDependencies, { ref, pause }: RefreshAttempt): Promise<void> {
  const deletion = { key: pauseKey(ref.slot, ref.cell), delete: true } as const;
  if (pause) await store.commit([], [deletion]).catch(() => undefined);
}

function connectionAfter(
  { now }: RefreshDependencies,
  { ref, origin, isForRejection }: RefreshAttempt,
  { response, values }: { response: TokenResponse; values: StoredValues | undefined },
  before: Connection | undefined,
): LiveConnection {
  const connection = refreshed(ref.provider, response, before, now());
  const rejectionRefreshes = isForRejection ? oneMoreRefresh(connection, wholeSecond(now())) : undefined;
  // An origin that followed is where the API lies from now on.
  const made = origin && values && { ...origin, apiOrigin: withValues(ref.provider, values).api.baseUrl.origin };
  return { ...connection, ...compact({ origin: made ?? origin, rejectionRefreshes, variables: values }) };
}

async function write(
  { store, connections }: RefreshDependencies,
  { ref: { key, guards, ttlMs } }: RefreshAttempt,
  connection: LiveConnection,
  base: StoredConnection | undefined,
): Promise<Saved> {
  const value = connections.seal(key, connection);
  const version: Guard = base ? connections.unchanged(base) : { key, exists: false };
  if (await store.commit([version, ...guards], [{ key, value, ttlMs: ttlMs() }])) return { isStored: true };
  const sealed = await store.get(key);
  const current = sealed && connections.open(key, sealed);
  // A write whose response was lost may have been made all the same.
  return isSameGrant(current?.connection, connection) ? { isStored: true } : { isStored: false, current };
}

function logRefreshed(
  { log }: RefreshDependencies,
  { ref }: RefreshAttempt,
  connection: LiveConnection,
): LiveConnection {
  faultPoint('refresh.saved');
  log.audit('connection.refreshed', ref, { provider: ref.provider.id, result: connection.lastRefresh?.result });
  return connection;
}

/** The record as it is now, where the new tokens belong into it. */
function recordToWriteOver(
  current: StoredConnection | undefined,
  { stored }: RefreshAttempt,
  { refreshToken }: TokenResponse,
): StoredConnection | undefined {
  if (!current) return undefined;
  const before = stored?.connection;
  // Another member was changed, such as the organization.
  if (isSameGrant(current.connection, before)) return current;
  // The refresh token in it is spent, and the new one is here.
  if (refreshToken !== undefined && holdsSentToken(current.connection, before)) return current;
  // Another process sent the same refresh token, and was refused.
  if (current.connection && before?.tokens && isRefusedFor(current.connection, before))
    return { ...current, connection: { ...current.connection, tokens: before.tokens } };
  return undefined;
}

/** A person disconnected, logged out or connected again while this was under way; what they left is in force. */
async function giveWay(
  { revoker, log }: RefreshDependencies,
  { ref: { provider } }: RefreshAttempt,
  surplus: LiveConnection,
  current: StoredConnection | undefined,
): Promise<LiveConnection> {
  const isReadable = !current || current.connection !== undefined;
  if (isReadable) await revoker.release(provider, surplus, current?.connection ? [current.connection] : []);
  return overtakenBy(log, current, provider);
}
