import { setTimeout as wait } from 'node:timers/promises';
import { compact } from '../../compact.js';
import { faultPoint } from '../../fault-points.js';
import type { Log } from '../../log/log.js';
import { refusalReport } from '../../oauth/refusal-report.js';
import type { TokenResponse } from '../../oauth/token-response.js';
import { isExpired, wholeSecond } from '../../oauth/token-set.js';
import type { Provider } from '../../providers/provider.js';
import { pauseKey } from '../../store/keys.js';
import { StoreUnavailableError, type Guard, type Store } from '../../store/store.js';
import type { ConnectionStore, StoredConnection } from '../connection-store.js';
import type { ConnectionRef } from '../connection-ref.js';
import type { Connection } from '../connection.js';
import type { ConnectionOrigin } from '../origin.js';
import { oneMoreRefresh } from '../refusals/rejection-refreshes.js';
import type { Revoker } from '../revoke.js';
import { classify, leftAlone, notConnected, reauthRequired, type RefreshFailure } from './failure.js';
import type { Lock } from './lock.js';
import { nextPause, type Pause, type Pauses } from './pause.js';
import {
  fingerprint,
  holdsSentToken,
  isRefusedFor,
  isSameGrant,
  refreshed,
  type LiveConnection,
} from './refreshed-connection.js';

/** One refresh of one connection, from the moment that its lock is held. */
export interface RefreshAttempt {
  ref: ConnectionRef;
  /** The record whose tokens are refreshed. */
  stored: StoredConnection | undefined;
  lock: Lock;
  /** The pause that an earlier failure left, over by now. */
  pause: Pause | undefined;
  /** Where the request goes. */
  origin?: ConnectionOrigin;
  isForRejection: boolean;
  /** Milliseconds since the epoch. */
  sentAt: number;
  /** Called when the store does not take the new tokens, which are kept in memory meanwhile. */
  onStoreTrouble: (error: StoreUnavailableError) => void;
}

/** What is written down after the token endpoint was asked. */
export interface RefreshOutcomes {
  /** Stores the new tokens, unless the connection was ended or replaced meanwhile: then what is stored is returned. */
  save(attempt: RefreshAttempt, response: TokenResponse): Promise<LiveConnection>;
  /**
   * Writes down what the failure means, and throws it for the callers. Returns a connection that was made meanwhile, or
   * undefined when the lock was lost and this failure says nothing any longer.
   */
  fail(attempt: RefreshAttempt, error: unknown): Promise<LiveConnection | undefined>;
}

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  revoker: Revoker;
  pauses: Pauses;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
}

/** Milliseconds for which new tokens are kept in memory while the store does not take them. */
const savingTimeoutMs = 30_000;
/** Seconds after which a refusal without a known reason is put to the test again, though the token still lives. */
const maxDoubtSeconds = 3_600;

export function createRefreshOutcomes({
  store,
  connections,
  revoker,
  pauses,
  now,
  log,
}: Dependencies): RefreshOutcomes {
  /**
   * Writes the new tokens over the record they were made from. They exist only here until that is done, so a store that does
   * not respond is asked again. A record that lost or changed its tokens meanwhile wins; one that still waits for these
   * tokens takes them in.
   */
  const save: RefreshOutcomes['save'] = async (attempt, response) => {
    const { ref, stored, pause, onStoreTrouble } = attempt;
    const { provider, slot, key, guards, ttlMs } = ref;
    const deadline = performance.now() + savingTimeoutMs;
    if (pause) await store.commit([], [{ key: pauseKey(slot, provider.id), delete: true }]).catch(() => undefined);
    let base = stored;
    for (;;) {
      const connection = connectionAfter(attempt, response, base?.connection);
      const value = connections.seal(key, connection);
      try {
        const version: Guard = base ? connections.unchanged(base) : { key, exists: false };
        const done = await store.commit([version, ...guards], [{ key, value, ttlMs: ttlMs() }]);
        const sealed = done ? undefined : await store.get(key);
        const current = sealed && connections.open(key, sealed);
        // A write whose response was lost may have been made all the same.
        if (done || isSameGrant(current?.connection, connection)) {
          faultPoint('refresh.saved');
          const result = connection.lastRefresh?.result;
          log.audit('connection.refreshed', ref, { provider: provider.id, result });
          return connection;
        }
        const next = current && recordToWriteOver(current, attempt, response);
        if (!next) return await giveWay(attempt, connection, current);
        base = next;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || performance.now() > deadline) throw error;
        onStoreTrouble(error);
        await wait(200);
      }
    }
  };

  const connectionAfter = (
    { ref, origin, isForRejection }: RefreshAttempt,
    response: TokenResponse,
    before: Connection | undefined,
  ): LiveConnection => {
    const connection = refreshed(ref.provider, response, before, now());
    const rejectionRefreshes = isForRejection ? oneMoreRefresh(connection, wholeSecond(now())) : undefined;
    return { ...connection, ...compact({ origin, rejectionRefreshes }) };
  };

  /** The record as it is now, where the new tokens belong into it. */
  const recordToWriteOver = (
    current: StoredConnection,
    { stored }: RefreshAttempt,
    { refreshToken }: TokenResponse,
  ): StoredConnection | undefined => {
    const before = stored?.connection;
    // Another member was changed, such as the organization.
    if (isSameGrant(current.connection, before)) return current;
    // The refresh token in it is spent, and the new one is here.
    if (refreshToken !== undefined && holdsSentToken(current.connection, before)) return current;
    // Another process sent the same refresh token, and was refused.
    if (current.connection && before?.tokens && isRefusedFor(current.connection, before))
      return { ...current, connection: { ...current.connection, tokens: before.tokens } };
    return undefined;
  };

  /** A person disconnected, logged out or connected again while this was under way; what they left is in force. */
  const giveWay = async (
    { ref: { provider } }: RefreshAttempt,
    surplus: LiveConnection,
    current: StoredConnection | undefined,
  ): Promise<LiveConnection> => {
    const isReadable = !current || current.connection !== undefined;
    if (isReadable) await revoker.release(provider, surplus, current?.connection);
    return replacedBy(current, provider);
  };

  const replacedBy = (current: StoredConnection | undefined, provider: Provider): LiveConnection => {
    log.info('connection.refresh_overtaken', { provider: provider.id });
    if (!current) throw notConnected(provider);
    const { connection } = current;
    if (!connection?.tokens || connection.refused) throw reauthRequired(provider);
    return { ...connection, tokens: connection.tokens };
  };

  /** Three outcomes, never mixed: the grant is over, the operator has to act, or it is worth another attempt. */
  const fail: RefreshOutcomes['fail'] = async (attempt, error) => {
    const { ref, lock } = attempt;
    const { provider, slot } = ref;
    const failure = judge(attempt, error);
    if (!failure) throw error;
    const level = failure.outcome === 'configuration' ? 'error' : 'warn';
    const { outcome, code, retryAfter } = failure;
    log.audit(
      'connection.refresh_failed',
      ref,
      { provider: provider.id, outcome, code, ...refusalReport(provider, error) },
      level,
    );

    if (outcome === 'dead' || outcome === 'presumed_dead') return markRefused(attempt, outcome, error);
    const before = pauses.open(slot, provider.id, await store.get(pauseKey(slot, provider.id)));
    const pause = nextPause(before, outcome, now(), retryAfter);
    if (!(await pauses.write(slot, provider.id, pause, [lock.guard]))) return undefined;
    throw leftAlone(provider, pause, now(), error);
  };

  /**
   * A refusal without a known reason is not believed while the token lives: some servers refuse a refresh that comes early.
   * It is made again after the token's end.
   */
  const judge = ({ ref, stored, sentAt }: RefreshAttempt, error: unknown): RefreshFailure | undefined => {
    const failure = classify(error, ref.provider);
    const { tokens, refused } = stored?.connection ?? {};
    const isDoubtful = tokens !== undefined && !isExpired(tokens, sentAt) && !refused;
    if (failure?.outcome !== 'presumed_dead' || !isDoubtful) return failure;
    const secondsLeft = ((tokens.expiresAt ?? Infinity) - now()) / 1000;
    const retryAfter = Math.min(maxDoubtSeconds, Math.max(0, secondsLeft));
    return { outcome: 'transient', code: failure.code, retryAfter };
  };

  /**
   * Writes down that the grant is over, unless the connection has another grant by now. A refusal that names no reason keeps
   * the refresh token, for a forced refresh or one automatic attempt an hour.
   */
  const markRefused = async (
    { ref, stored }: RefreshAttempt,
    outcome: 'dead' | 'presumed_dead',
    cause: unknown,
  ): Promise<LiveConnection> => {
    const { provider, key, guards, ttlMs } = ref;
    let base = stored;
    while (base?.connection) {
      const { tokens, ...rest } = base.connection;
      const at = wholeSecond(now());
      const isPresumed = outcome === 'presumed_dead';
      const refreshToken = tokens?.refreshToken;
      const refused: Connection = compact({
        ...rest,
        tokens: isPresumed ? tokens : undefined,
        refused: compact({
          at,
          retryAt: isPresumed ? at + 3_600_000 : undefined,
          of: refreshToken === undefined ? undefined : fingerprint(refreshToken),
        }),
        lastRefresh: { at, result: 'refused' as const },
      });
      const write = { key, value: connections.seal(key, refused), ttlMs: ttlMs() };
      if (await store.commit([connections.unchanged(base), ...guards], [write])) break;
      const sealed = await store.get(key);
      base = sealed && connections.open(key, sealed);
      if (!base || !isSameGrant(base.connection, stored?.connection)) return replacedBy(base, provider);
    }
    throw reauthRequired(provider, cause);
  };

  return { save, fail };
}
