import { setTimeout as wait } from 'node:timers/promises';
import { faultPoint } from '../fault-points.js';
import type { Log } from '../log.js';
import type { ServerDirectory } from '../oauth/discovery.js';
import type { Grants } from '../oauth/grants.js';
import type { TokenResponse } from '../oauth/token-response.js';
import type { Provider } from '../providers/provider.js';
import { lockKey, pauseKey } from '../store/keys.js';
import { StoreUnavailableError, type Guard, type Store } from '../store/store.js';
import type { ConnectionStore, StoredConnection } from './connection-store.js';
import type { Connection } from './connection.js';
import type { Holder } from './holder.js';
import { takeLock, type Lock } from './lock.js';
import { classify, hintFor, misconfigured, notConnected, reauthRequired, unavailable } from './refresh-failure.js';
import { nextPause, readPause, writePause, type Pause } from './pause.js';
import { isSameGrant, newerThan, renewed, type LiveConnection } from './renewed-connection.js';
import type { Revoker } from './revoke.js';

export interface Refresher {
  /**
   * Renews the tokens, once for everybody who asks meanwhile: one promise in the process, one lock among processes. The
   * work goes on when the asking request is gone. `seen` is the record that was found wanting.
   * Throws GatehouseError: reauth_required, not_connected, refresh_unavailable, provider_misconfigured; and
   * StoreUnavailableError, also while new tokens are kept in hand because the store does not take them.
   */
  refresh(holder: Holder, seen: StoredConnection | undefined): Promise<LiveConnection>;
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
const patience = 25_000;
/** Milliseconds for which new tokens are kept in hand while the store does not take them. */
const savingPatience = 30_000;
/** Milliseconds that requests wait for such a store before they are told. */
const storePatience = 500;

/** A refresh under way. */
interface Running {
  work: Promise<LiveConnection>;
  /** Resolves when the store did not take the new tokens; the work goes on. */
  storeTrouble: Promise<StoreUnavailableError>;
}

export function createRefresher(dependencies: Dependencies): Refresher {
  const { store, connections, directory, grants, revoker, now, log } = dependencies;
  const running = new Map<string, Running>();

  const run = async (
    holder: Holder,
    seen: StoredConnection | undefined,
    onStoreTrouble: (error: StoreUnavailableError) => void,
  ): Promise<LiveConnection> => {
    const deadline = performance.now() + patience;
    while (performance.now() < deadline) {
      const lock = await takeLock(store, holder.tag, holder.provider.id);
      if (lock) {
        const connection = await renewHolding(holder, seen, lock, onStoreTrouble).finally(() => lock.release());
        if (connection) return connection;
        continue;
      }
      const written = await waitForHolder(holder, seen, deadline);
      const newer = written && newerThan(written, seen, holder.provider);
      if (newer) return newer;
    }
    throw unavailable(holder.provider, 2);
  };

  /** Waits until the other process has written a new record; undefined when it let go without one. */
  const waitForHolder = async (
    holder: Holder,
    seen: StoredConnection | undefined,
    deadline: number,
  ): Promise<StoredConnection | undefined> => {
    const { tag, provider, key } = holder;
    for (let pause = 25; performance.now() < deadline; pause = Math.min(200, pause * 1.5)) {
      await wait(pause);
      const [sealed, lock] = await store.getMany([key, lockKey(tag, provider.id)]);
      if (!sealed && seen) throw notConnected(provider);
      if (sealed && !seen?.sealed.equals(sealed)) return connections.open(key, sealed);
      if (!lock) return undefined;
    }
    return undefined;
  };

  /** Undefined when the lock was lost on the way and nothing came of it. */
  const renewHolding = async (
    holder: Holder,
    seen: StoredConnection | undefined,
    lock: Lock,
    onStoreTrouble: (error: StoreUnavailableError) => void,
  ): Promise<LiveConnection | undefined> => {
    const { provider, tag, key } = holder;
    const [sealed, paused] = await store.getMany([key, pauseKey(tag, provider.id)]);
    const stored = sealed && connections.open(key, sealed);
    if (!stored && seen) throw notConnected(provider);
    const newer = stored && newerThan(stored, seen, provider);
    if (newer) return newer;

    const pause = readPause(paused);
    if (pause && pause.until > now()) throw leftAlone(provider, pause);
    try {
      const server = await directory.get(provider);
      if (!(await lock.confirm())) return undefined;
      faultPoint('refresh.locked');
      const response = await ask(provider, server, stored?.connection);
      faultPoint('refresh.answered');
      if (pause) await store.commit([], [{ key: pauseKey(tag, provider.id), delete: true }]).catch(() => undefined);
      const build = (current: Connection | undefined) => renewed(provider, response, current, now());
      return await save(holder, stored, build, onStoreTrouble);
    } catch (error) {
      return handleFailure(holder, stored, lock, error);
    }
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

  /**
   * Writes the new tokens over the record they were made from. They exist only here until that is done, so a store that
   * does not answer is asked again. A record that lost or changed its tokens meanwhile wins; one in which only something
   * else was changed, such as the organization, takes the new tokens in.
   */
  const save = async (
    holder: Holder,
    stored: StoredConnection | undefined,
    build: (current: Connection | undefined) => LiveConnection,
    onStoreTrouble: (error: StoreUnavailableError) => void,
  ): Promise<LiveConnection> => {
    const { provider, key, guards, ttlMs } = holder;
    const deadline = performance.now() + savingPatience;
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
          log.info('connection.refreshed', { provider: provider.id, ...(result === undefined ? {} : { result }) });
          return connection;
        }
        if (current && isSameGrant(current.connection, stored?.connection)) {
          base = current;
          continue;
        }
        await revoker.dropLate(provider, connection.tokens, { newerConnection: current !== undefined });
        return overtakenBy(current, provider);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || performance.now() > deadline) throw error;
        onStoreTrouble(error);
        await wait(200);
      }
    }
  };

  /** Somebody disconnected, logged out or connected anew while this was under way; what they left is in force. */
  const overtakenBy = (current: StoredConnection | undefined, provider: Provider): LiveConnection => {
    log.info('connection.refresh_overtaken', { provider: provider.id });
    const connection = current?.connection;
    if (!connection) throw notConnected(provider);
    if (!connection.tokens || connection.refused) throw reauthRequired(provider);
    return { ...connection, tokens: connection.tokens };
  };

  /** Three outcomes, never mixed: the grant is over, the operator has to act, or it is worth another try. */
  const handleFailure = async (
    holder: Holder,
    stored: StoredConnection | undefined,
    lock: Lock,
    error: unknown,
  ): Promise<LiveConnection | undefined> => {
    const { provider, tag } = holder;
    const failure = classify(error, provider);
    if (!failure) throw error;
    const level = failure.outcome === 'configuration' ? 'error' : 'warn';
    log[level]('connection.refresh_failed', {
      provider: provider.id,
      outcome: failure.outcome,
      code: failure.code,
      ...hintFor(provider, failure.code),
    });

    if (failure.outcome === 'dead' || failure.outcome === 'presumed_dead')
      return markRefused(holder, stored, failure.outcome, error);
    const before = readPause(await store.get(pauseKey(tag, provider.id)));
    const pause = nextPause(before, failure.outcome, now(), failure.retryAfter);
    if (!(await writePause(store, tag, provider.id, pause, now(), [lock.guard]))) return undefined;
    throw leftAlone(provider, pause, error);
  };

  /**
   * Writes down that the grant is over, unless it is not the connection's grant any longer. A refusal that names no
   * reason keeps the refresh token, for a forced refresh or one automatic try an hour.
   */
  const markRefused = async (
    { provider, key, guards, ttlMs }: Holder,
    stored: StoredConnection | undefined,
    outcome: 'dead' | 'presumed_dead',
    cause: unknown,
  ): Promise<LiveConnection> => {
    let base = stored;
    while (base?.connection) {
      const { tokens, ...rest } = base.connection;
      const at = Math.floor(now() / 1000);
      const refused: Connection = {
        ...rest,
        ...(tokens && outcome === 'presumed_dead' ? { tokens } : {}),
        refused: { at, ...(outcome === 'presumed_dead' ? { retryAt: at + 3600 } : {}) },
        lastRefresh: { at, result: 'refused' },
      };
      const write = { key, value: connections.seal(key, refused), ttlMs: ttlMs() };
      if (await store.commit([connections.unchanged(base), ...guards], [write])) break;
      const sealed = await store.get(key);
      base = sealed && connections.open(key, sealed);
      if (!base || !isSameGrant(base.connection, stored?.connection)) return overtakenBy(base, provider);
    }
    throw reauthRequired(provider, cause);
  };

  const leftAlone = (provider: Provider, { kind, until }: Pause, cause?: unknown) =>
    kind === 'configuration'
      ? misconfigured(provider, cause)
      : unavailable(provider, Math.max(1, Math.ceil((until - now()) / 1000)), cause);

  const start = (holder: Holder, seen: StoredConnection | undefined): Running => {
    let onStoreTrouble: (error: StoreUnavailableError) => void = () => undefined;
    const storeTrouble = new Promise<StoreUnavailableError>((resolve) => (onStoreTrouble = resolve));
    const work = run(holder, seen, onStoreTrouble).finally(() => running.delete(holder.key));
    // The asking request may be gone; whoever waits still sees the failure.
    work.catch(() => undefined);
    return { work, storeTrouble };
  };

  const toldInTime = ({ work, storeTrouble }: Running): Promise<LiveConnection> => {
    const told = storeTrouble.then(async (error) => {
      await wait(storePatience);
      throw error;
    });
    return Promise.race([work, told]);
  };

  return {
    refresh: (holder, seen) => {
      const known = running.get(holder.key) ?? start(holder, seen);
      running.set(holder.key, known);
      return toldInTime(known);
    },
    settled: async () => {
      while (running.size > 0) await Promise.allSettled([...running.values()].map(({ work }) => work));
    },
  };
}
