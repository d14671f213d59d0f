import { setTimeout as wait } from 'node:timers/promises';
import { faultPoint } from '../../fault-points.js';
import type { Log } from '../../log/log.js';
import type { ServerDirectory } from '../../oauth/discovery.js';
import type { Grants } from '../../oauth/grants.js';
import type { TokenResponse } from '../../oauth/token-response.js';
import type { Provider } from '../../providers/provider.js';
import { lockKey, pauseKey, sentKey } from '../../store/keys.js';
import type { Store, StoreUnavailableError } from '../../store/store.js';
import { isOverwritten, type ConnectionStore, type StoredConnection } from '../connection-store.js';
import { isSameAccount, type Connection } from '../connection.js';
import type { ConnectionRef } from '../connection-ref.js';
import { sentLifeMs, takeLock, watchLockOwner, type Lock } from './lock.js';
import { leftAlone, notConnected, reauthRequired, unavailable } from './failure.js';
import { readPause } from './pause.js';
import { createRefreshOutcomes } from './outcomes.js';
import { newerThan, refreshed, type LiveConnection } from './refreshed-connection.js';
import type { Revoker } from '../revoke.js';
import { sentNote, writtenByItsSender } from './sent-token.js';

export interface Refresher {
  /**
   * Renews the tokens, once for everybody who asks meanwhile: one promise in the process, one lock among processes. The
   * work goes on when the asking request is gone. `seen` is the record that was found wanting.
   * Throws GatehouseError: reauth_required, not_connected, refresh_unavailable, provider_misconfigured; and
   * StoreUnavailableError, also while new tokens are kept in hand because the store does not take them.
   */
  refresh(ref: ConnectionRef, seen: StoredConnection | undefined): Promise<LiveConnection>;
  /** Resolves when no refresh is under way. */
  settled(): Promise<void>;
}

interface Dependencies {
  store: Store;
  connections: ConnectionStore;
  directory: ServerDirectory;
  grants: Grants;
  revoker: Revoker;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
}

/** Milliseconds that a request waits for another process's refresh. */
const waitTimeoutMs = 25_000;
/** Milliseconds that requests wait for a store that does not take the new tokens before they are told. */
const storeTimeoutMs = 500;

/** A refresh under way. */
interface Running {
  work: Promise<LiveConnection>;
  /** Resolves when the store did not take the new tokens; the work goes on. */
  storeTrouble: Promise<StoreUnavailableError>;
}

export function createRefresher(dependencies: Dependencies): Refresher {
  const { store, connections, directory, grants, now, log } = dependencies;
  const outcomes = createRefreshOutcomes(dependencies);
  const running = new Map<string, Running>();

  const run = async (
    ref: ConnectionRef,
    seen: StoredConnection | undefined,
    onStoreTrouble: (error: StoreUnavailableError) => void,
  ): Promise<LiveConnection> => {
    const deadline = performance.now() + waitTimeoutMs;
    let orphan: Buffer | undefined;
    while (performance.now() < deadline) {
      const lock = await takeLock(store, ref.slot, ref.provider.id, orphan);
      if (lock) {
        if (orphan) log.warn('connection.refresh_orphaned', { provider: ref.provider.id });
        try {
          const connection = await refreshHolding(ref, seen, { lock, isOrphans: orphan !== undefined }, onStoreTrouble);
          if (connection) return connection;
        } finally {
          await lock.release();
        }
        continue;
      }
      const left = await waitForLockOwner(ref, seen, deadline);
      orphan = left.orphan;
      const newer = left.written && newerThan(left.written, seen, ref.provider);
      if (newer) return newer;
    }
    throw unavailable(ref.provider, 2);
  };

  /** Waits until the other process has written a new record, has let go without one, or is known to have ended. */
  const waitForLockOwner = async (
    ref: ConnectionRef,
    seen: StoredConnection | undefined,
    deadline: number,
  ): Promise<{ written?: StoredConnection; orphan?: Buffer }> => {
    const { slot, provider, key } = ref;
    const hasEnded = watchLockOwner(store);
    for (let pause = 25; performance.now() < deadline; pause = Math.min(200, pause * 1.5)) {
      await wait(pause);
      const [sealed, lock] = await store.getMany([key, lockKey(slot, provider.id)]);
      if (!sealed && seen) throw notConnected(provider);
      if (sealed && !seen?.sealed.equals(sealed)) return { written: connections.open(key, sealed) };
      if (!lock) return {};
      if (await hasEnded(lock)) return { orphan: lock };
    }
    return {};
  };

  /** Undefined when the lock was lost on the way and nothing came of it, or the record was written meanwhile. */
  const refreshHolding = async (
    ref: ConnectionRef,
    seen: StoredConnection | undefined,
    { lock, isOrphans }: { lock: Lock; isOrphans: boolean },
    onStoreTrouble: (error: StoreUnavailableError) => void,
  ): Promise<LiveConnection | undefined> => {
    const { provider, slot, key } = ref;
    const [sealed, paused, note] = await store.getMany([key, pauseKey(slot, provider.id), sentKey(slot, provider.id)]);
    const overwritten = seen && isOverwritten(seen) ? seen : undefined;
    const stored = sealed ? connections.open(key, sealed) : overwritten;
    if (!stored && seen) throw notConnected(provider);
    const newer = stored && newerThan(stored, seen, provider);
    if (newer) return newer;

    const pause = readPause(paused);
    if (pause && pause.until > now()) throw leftAlone(provider, pause, now());
    // Of an orphan's holder it is known that it has ended.
    if (stored && !isOrphans && (await writtenByItsSender(store, ref, stored, note))) return undefined;
    try {
      const server = await directory.get(provider);
      const refreshToken = stored?.connection?.tokens?.refreshToken;
      const leaving = refreshToken === undefined ? undefined : sentNote(store, ref, refreshToken);
      if (!(await lock.confirm(sentLifeMs, leaving)) || !lock.isHeld()) {
        logLostLock(provider);
        return undefined;
      }
      faultPoint('refresh.locked');
      const response = await ask(provider, server, stored?.connection);
      faultPoint('refresh.answered');
      if (!lock.isHeld()) logLostLock(provider);
      if (pause) await store.commit([], [{ key: pauseKey(slot, provider.id), delete: true }]).catch(() => undefined);
      const build = (current: Connection | undefined) => refreshed(provider, response, current, now());
      return await outcomes.save(ref, stored, build, onStoreTrouble);
    } catch (error) {
      return outcomes.fail(ref, stored, lock, error);
    }
  };

  /** This process was stopped, or kept from the store, for longer than its lock lived: another one may have gone on. */
  const logLostLock = (provider: Provider): void => {
    log.warn('connection.lock_lost', { provider: provider.id });
  };

  const ask = async (
    provider: Provider,
    server: Awaited<ReturnType<ServerDirectory['get']>>,
    connection: Connection | undefined,
  ): Promise<TokenResponse> => {
    if (provider.grant === 'client_credentials') return grants.clientCredentials(provider, server);
    const refreshToken = connection?.tokens?.refreshToken;
    if (refreshToken === undefined) throw reauthRequired(provider);
    return grants.refreshToken(provider, server, refreshToken);
  };

  const start = (ref: ConnectionRef, seen: StoredConnection | undefined): Running => {
    let onStoreTrouble: (error: StoreUnavailableError) => void = () => undefined;
    const storeTrouble = new Promise<StoreUnavailableError>((resolve) => (onStoreTrouble = resolve));
    const began = performance.now();
    const ended = (outcome: string) => (): void => {
      const ms = Math.round(performance.now() - began);
      log.debug('connection.refresh_ended', { provider: ref.provider.id, outcome, ms });
    };
    const work = run(ref, seen, onStoreTrouble).finally(() => running.delete(ref.key));
    // The asking request may be gone; whoever waits still sees the failure.
    work.then(ended('renewed'), ended('failed'));
    return { work, storeTrouble };
  };

  const withinStoreTimeout = ({ work, storeTrouble }: Running): Promise<LiveConnection> => {
    const rejection = storeTrouble.then(async (error) => {
      await wait(storeTimeoutMs);
      throw error;
    });
    return Promise.race([work, rejection]);
  };

  return {
    refresh: async (ref, seen) => {
      const known = running.get(ref.key) ?? start(ref, seen);
      running.set(ref.key, known);
      const connection = await withinStoreTimeout(known);
      const before = ref.provider.grant === 'client_credentials' ? undefined : seen?.connection;
      // The person may have connected another account: what was begun for one is never done at the other.
      if (before && !isSameAccount(connection, before)) throw notConnected(ref.provider);
      return connection;
    },
    settled: async () => {
      while (running.size > 0) await Promise.allSettled([...running.values()].map(({ work }) => work));
    },
  };
}
