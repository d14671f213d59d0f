import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../log.js';
import type { ServerDirectory } from '../oauth/discovery.js';
import type { Grants } from '../oauth/grants.js';
import { claimedIdentity } from '../oauth/id-token.js';
import { TokenEndpointError, type TokenResponse } from '../oauth/token-response.js';
import { isExpired, toTokenSet, type TokenSet } from '../oauth/token-set.js';
import type { Provider } from '../providers/provider.js';
import { lockKey, pauseKey } from '../store/keys.js';
import { StoreUnavailableError, type Guard, type Store } from '../store/store.js';
import type { ConnectionStore, StoredConnection } from './connection-store.js';
import type { Connection } from './connection.js';
import type { Holder } from './holder.js';
import { takeLock } from './lock.js';
import { classify, misconfigured, notConnected, reauthRequired, unavailable } from './refresh-failure.js';
import { nextPause, readPause, writePause } from './pause.js';
import type { Revoker } from './revoke.js';

/** A connection that can be used for a call. */
export type LiveConnection = Connection & { tokens: TokenSet };

export interface Refresher {
  /**
   * Renews the tokens, once for everybody who asks meanwhile: one promise in the process, one lock among processes. The
   * work goes on when the asking request is gone. `seen` is the record that was found wanting.
   * Throws GatehouseError: reauth_required, not_connected, refresh_unavailable, provider_misconfigured.
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

export function createRefresher(dependencies: Dependencies): Refresher {
  const { store, connections, directory, grants, revoker, now, log } = dependencies;
  const running = new Map<string, Promise<LiveConnection>>();

  const run = async (holder: Holder, seen: StoredConnection | undefined): Promise<LiveConnection> => {
    const deadline = performance.now() + patience;
    while (performance.now() < deadline) {
      const lock = await takeLock(store, holder.tag, holder.provider.id);
      if (lock) return await renewHolding(holder, seen).finally(() => lock.release());
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

  const renewHolding = async (holder: Holder, seen: StoredConnection | undefined): Promise<LiveConnection> => {
    const { provider, tag, key } = holder;
    const [sealed, paused] = await store.getMany([key, pauseKey(tag, provider.id)]);
    const stored = sealed && connections.open(key, sealed);
    if (!stored && seen) throw notConnected(provider);
    const newer = stored && newerThan(stored, seen, provider);
    if (newer) return newer;

    const pause = readPause(paused);
    if (pause && pause.until > now()) return makeDo(stored, provider, pause.kind, (pause.until - now()) / 1000);
    try {
      const server = await directory.get(provider);
      const response = await ask(provider, server, stored?.connection);
      if (pause) await store.commit([], [{ key: pauseKey(tag, provider.id), delete: true }]).catch(() => undefined);
      return await save(holder, stored, (current) => renewed(provider, response, current, now()));
    } catch (error) {
      return handleFailure(holder, stored, error);
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
        if (done || sealed?.equals(value)) {
          const result = connection.lastRefresh?.result;
          log.info('connection.refreshed', { provider: provider.id, ...(result === undefined ? {} : { result }) });
          return connection;
        }
        const current = sealed && connections.open(key, sealed);
        if (current && isSameGrant(current, stored)) {
          base = current;
          continue;
        }
        await revoker.dropLate(provider, connection.tokens, { newerConnection: current !== undefined });
        log.info('connection.refresh_overtaken', { provider: provider.id });
        if (!current?.connection?.tokens || current.connection.refused) throw notConnected(provider);
        return { ...current.connection, tokens: current.connection.tokens };
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || performance.now() > deadline) throw error;
        await wait(200);
      }
    }
  };

  /** Three outcomes, never mixed: the grant is over, the operator has to act, or it is worth another try. */
  const handleFailure = async (
    holder: Holder,
    stored: StoredConnection | undefined,
    error: unknown,
  ): Promise<LiveConnection> => {
    const { provider, tag } = holder;
    const failure = classify(error);
    if (!failure) throw error;
    const level = failure.outcome === 'configuration' ? 'error' : 'warn';
    log[level]('connection.refresh_failed', { provider: provider.id, outcome: failure.outcome, code: failure.code });

    if (failure.outcome === 'dead' || failure.outcome === 'presumed_dead') {
      if (stored?.connection) await markRefused(holder, stored, stored.connection, failure.outcome);
      throw reauthRequired(provider, error);
    }
    const before = readPause(await store.get(pauseKey(tag, provider.id)));
    const pause = nextPause(before, failure.outcome, now(), failure.retryAfter);
    await writePause(store, tag, provider.id, pause, now());
    return makeDo(stored, provider, pause.kind, (pause.until - now()) / 1000, error);
  };

  /** A refusal that names no reason keeps the refresh token, for a forced refresh or one automatic try an hour. */
  const markRefused = async (
    { key, guards, ttlMs }: Holder,
    stored: StoredConnection,
    { tokens, ...rest }: Connection,
    outcome: 'dead' | 'presumed_dead',
  ): Promise<void> => {
    const at = Math.floor(now() / 1000);
    const refused: Connection = {
      ...rest,
      ...(tokens && outcome === 'presumed_dead' ? { tokens } : {}),
      refused: { at, ...(outcome === 'presumed_dead' ? { retryAt: at + 3600 } : {}) },
      lastRefresh: { at, result: 'refused' },
    };
    const write = { key, value: connections.seal(key, refused), ttlMs: ttlMs() };
    await store.commit([connections.unchanged(stored), ...guards], [write]);
  };

  /** The old token serves while it lives; otherwise the caller is told when to come back. */
  const makeDo = (
    stored: StoredConnection | undefined,
    provider: Provider,
    kind: 'transient' | 'configuration',
    seconds: number,
    cause?: unknown,
  ): LiveConnection => {
    const connection = stored?.connection;
    if (connection?.tokens && !isExpired(connection.tokens, now() / 1000))
      return { ...connection, tokens: connection.tokens };
    if (kind === 'configuration') throw misconfigured(provider, cause);
    throw unavailable(provider, Math.max(1, Math.ceil(seconds)), cause);
  };

  return {
    refresh: (holder, seen) => {
      const known = running.get(holder.key);
      if (known) return known;
      const promise = run(holder, seen).finally(() => running.delete(holder.key));
      running.set(holder.key, promise);
      promise.catch(() => undefined); // The asking request may be gone; whoever waits still sees the failure.
      return promise;
    },
    settled: async () => {
      while (running.size > 0) await Promise.allSettled(running.values());
    },
  };
}

/** Tokens that another writer left since `seen`; undefined where it still is what it was. Throws where the grant is over. */
function newerThan(
  { connection }: StoredConnection,
  seen: StoredConnection | undefined,
  provider: Provider,
): LiveConnection | undefined {
  if (!connection) throw reauthRequired(provider);
  const before = seen?.connection;
  if (connection.refused && !before?.refused) throw reauthRequired(provider);
  if (!connection.tokens || connection.tokens.accessToken === before?.tokens?.accessToken) return undefined;
  return { ...connection, tokens: connection.tokens };
}

function isSameGrant(current: StoredConnection, before: StoredConnection | undefined): boolean {
  const token = current.connection?.tokens?.accessToken;
  return token !== undefined && token === before?.connection?.tokens?.accessToken && !current.connection?.refused;
}

/** The connection with its new tokens. Throws where they belong to somebody else (OpenID Connect Core 12.2). */
function renewed(
  provider: Provider,
  response: TokenResponse,
  connection: Connection | undefined,
  now: number,
): LiveConnection {
  const at = Math.floor(now / 1000);
  if (response.idToken !== undefined && connection && provider.account.source === 'id_token') {
    const { sub } = claimedIdentity(response.idToken);
    if (sub !== undefined && connection.account.subject !== undefined && sub !== connection.account.subject)
      throw new TokenEndpointError('dead_grant', 'subject_changed');
  }
  const tokens = toTokenSet(response, provider, at, connection?.tokens);
  const rotated = response.refreshToken !== undefined && response.refreshToken !== connection?.tokens?.refreshToken;
  const { refused: _refused, ...rest } = connection ?? {
    provider: provider.id,
    ...(provider.environment === undefined ? {} : { environment: provider.environment }),
    clientId: provider.clientId,
    connectedAt: at,
    account: { label: provider.clientId },
    requestedScopes: provider.scopes,
  };
  return { ...rest, tokens, lastRefresh: { at, result: rotated ? 'rotated' : 'refreshed' } };
}
