import { setTimeout as wait } from 'node:timers/promises';
import { faultPoint } from '../../fault-points.js';
import type { Log } from '../../log/log.js';
import { wholeSecond } from '../../oauth/token-set.js';
import type { Provider } from '../../providers/provider.js';
import { pauseKey } from '../../store/keys.js';
import { StoreUnavailableError, type Guard, type Store } from '../../store/store.js';
import type { ConnectionStore, StoredConnection } from '../connection-store.js';
import type { Connection } from '../connection.js';
import type { ConnectionRef } from '../connection-ref.js';
import type { Lock } from './lock.js';
import { nextPause, readPause, writePause } from './pause.js';
import { classify, hintFor, leftAlone, notConnected, reauthRequired } from './failure.js';
import { fingerprint, isRefusedFor, isSameGrant, type LiveConnection } from './refreshed-connection.js';
import type { Revoker } from '../revoke.js';

/** What is written down after the token endpoint was asked. */
export interface RefreshOutcomes {
  /** Keeps new tokens, unless somebody ended or replaced the connection meanwhile: then that is in force, and answered. */
  save(
    ref: ConnectionRef,
    stored: StoredConnection | undefined,
    build: (current: Connection | undefined) => LiveConnection,
    onStoreTrouble: (error: StoreUnavailableError) => void,
  ): Promise<LiveConnection>;
  /**
   * Throws what the failure means for a caller, after it was written down for all. Answers a connection that somebody
   * made meanwhile, or undefined when the lock was lost and this failure says nothing any longer.
   */
  fail(
    ref: ConnectionRef,
    stored: StoredConnection | undefined,
    lock: Lock,
    error: unknown,
  ): Promise<LiveConnection | undefined>;
}

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  revoker: Revoker;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
}

/** Milliseconds for which new tokens are kept in hand while the store does not take them. */
const savingTimeoutMs = 30_000;

export function createRefreshOutcomes({ store, connections, revoker, now, log }: Dependencies): RefreshOutcomes {
  /**
   * Writes the new tokens over the record they were made from. They exist only here until that is done, so a store that
   * does not answer is asked again. A record that lost or changed its tokens meanwhile wins; one in which only something
   * else was changed, such as the organization, takes the new tokens in, and so does one that was given up over the very
   * refresh token that these tokens were made from.
   */
  const save: RefreshOutcomes['save'] = async (
    ref: ConnectionRef,
    stored: StoredConnection | undefined,
    build: (current: Connection | undefined) => LiveConnection,
    onStoreTrouble: (error: StoreUnavailableError) => void,
  ): Promise<LiveConnection> => {
    const { provider, key, guards, ttlMs } = ref;
    const deadline = performance.now() + savingTimeoutMs;
    let base = stored;
    for (;;) {
      const connection = build(base?.connection);
      const value = connections.seal(key, connection);
      try {
        const version: Guard = base ? connections.unchanged(base) : { key, exists: false };
        const done = await store.commit([version, ...guards], [{ key, value, ttlMs: ttlMs() }]);
        const sealed = done ? undefined : await store.get(key);
        const current = sealed && connections.open(key, sealed);
        // A write whose answer was lost may have been made all the same.
        if (done || isSameGrant(current?.connection, connection)) {
          faultPoint('refresh.saved');
          const result = connection.lastRefresh?.result;
          log.audit('connection.refreshed', ref, { provider: provider.id, result });
          return connection;
        }
        if (current && isSameGrant(current.connection, stored?.connection)) {
          base = current;
          continue;
        }
        if (current?.connection && stored?.connection?.tokens && isRefusedFor(current.connection, stored.connection)) {
          base = { ...current, connection: { ...current.connection, tokens: stored.connection.tokens } };
          continue;
        }
        await revoker.dropLate(provider, connection.tokens, { newerConnection: current !== undefined });
        return replacedBy(current, provider);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || performance.now() > deadline) throw error;
        onStoreTrouble(error);
        await wait(200);
      }
    }
  };

  /** Somebody disconnected, logged out or connected anew while this was under way; what they left is in force. */
  const replacedBy = (current: StoredConnection | undefined, provider: Provider): LiveConnection => {
    log.info('connection.refresh_overtaken', { provider: provider.id });
    const connection = current?.connection;
    if (!connection) throw notConnected(provider);
    if (!connection.tokens || connection.refused) throw reauthRequired(provider);
    return { ...connection, tokens: connection.tokens };
  };

  /** Three outcomes, never mixed: the grant is over, the operator has to act, or it is worth another try. */
  const fail: RefreshOutcomes['fail'] = async (
    ref: ConnectionRef,
    stored: StoredConnection | undefined,
    lock: Lock,
    error: unknown,
  ): Promise<LiveConnection | undefined> => {
    const { provider, slot } = ref;
    const failure = classify(error, provider);
    if (!failure) throw error;
    const level = failure.outcome === 'configuration' ? 'error' : 'warn';
    const fields = { outcome: failure.outcome, code: failure.code, ...hintFor(provider, failure.code) };
    log.audit('connection.refresh_failed', ref, { provider: provider.id, ...fields }, level);

    if (failure.outcome === 'dead' || failure.outcome === 'presumed_dead')
      return markRefused(ref, stored, failure.outcome, error);
    const before = readPause(await store.get(pauseKey(slot, provider.id)));
    const pause = nextPause(before, failure.outcome, now(), failure.retryAfter);
    if (!(await writePause(store, slot, provider.id, pause, now(), [lock.guard]))) return undefined;
    throw leftAlone(provider, pause, now(), error);
  };

  /**
   * Writes down that the grant is over, unless it is not the connection's grant any longer. A refusal that names no
   * reason keeps the refresh token, for a forced refresh or one automatic try an hour.
   */
  const markRefused = async (
    { provider, key, guards, ttlMs }: ConnectionRef,
    stored: StoredConnection | undefined,
    outcome: 'dead' | 'presumed_dead',
    cause: unknown,
  ): Promise<LiveConnection> => {
    let base = stored;
    while (base?.connection) {
      const { tokens, ...rest } = base.connection;
      const at = wholeSecond(now());
      const refused: Connection = {
        ...rest,
        ...(tokens && outcome === 'presumed_dead' ? { tokens } : {}),
        refused: {
          at,
          ...(outcome === 'presumed_dead' ? { retryAt: at + 3_600_000 } : {}),
          ...(tokens?.refreshToken === undefined ? {} : { of: fingerprint(tokens.refreshToken) }),
        },
        lastRefresh: { at, result: 'refused' },
      };
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
