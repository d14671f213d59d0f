import { setTimeout as wait } from 'node:timers/promises';
import { faultPoint } from '../../fault-points.js';
import type { Log } from '../../log/log.js';
import type { AuthorizationServer } from '../../oauth/authorization-server.js';
import type { ServerDirectory } from '../../oauth/discovery.js';
import type { Grants } from '../../oauth/grants.js';
import { TokenEndpointError, type TokenResponse } from '../../oauth/token-response.js';
import type { Provider } from '../../providers/provider.js';
import { lockKey, pauseKey, sentKey } from '../../store/keys.js';
import type { Store, StoreUnavailableError } from '../../store/store.js';
import { isOverwritten, type ConnectionStore, type StoredConnection } from '../connection-store.js';
import type { ConnectionRef } from '../connection-ref.js';
import { isSameAccount } from '../connection.js';
import { isTokenEndpointOf, originOf } from '../origin.js';
import type { Revoker } from '../revoke.js';
import { leftAlone, notConnected, reauthRequired, unavailable } from './failure.js';
import { sentLifeMs, takeLock, watchLockOwner, type Lock } from './lock.js';
import { createRefreshOutcomes, type RefreshAttempt } from './outcomes.js';
import type { Pauses } from './pause.js';
import type { Vault } from '../vault.js';
import { newerThan, rotates, type LiveConnection } from './refreshed-connection.js';
import { noteOf, waitForSender, withdrawNote } from './sent-token.js';
import { inTime } from './in-time.js';

export interface Refresher {
  /**
   * Refreshes the tokens, once for all who ask meanwhile: one promise in the process, one lock among processes. The work
   * goes on when the asking request is gone. `seen` is the record that was found wanting.
   * Throws GatehouseError: reauth_required, not_connected, refresh_unavailable, provider_misconfigured; and
   * StoreUnavailableError, also while new tokens are kept in memory because the store does not take them.
   */
  refresh(ref: ConnectionRef, seen: StoredConnection | undefined, reason?: RefreshReason): Promise<LiveConnection>;
  /** Resolves when no refresh is under way and no late response is waited for. */
  settled(): Promise<void>;
}

/** Why a refresh is made before the token's end. */
export interface RefreshReason {
  /** The API rejected the token: such refreshes are counted in the record. */
  isForRejection: boolean;
}

interface Dependencies {
  store: Store;
  vault: Vault;
  connections: ConnectionStore;
  directory: ServerDirectory;
  grants: Grants;
  revoker: Revoker;
  pauses: Pauses;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
}

/** Milliseconds that a request waits for another process's refresh. */
const lockOwnerTimeoutMs = 25_000;
/** Milliseconds that requests wait for the token endpoint. */
const responseTimeoutMs = 10_000;
/** Milliseconds for which a response is taken that comes after that: it may be the only copy of new tokens. */
const lateResponseTimeoutMs = 60_000;
/** Milliseconds that requests wait for a store that does not take the new tokens. */
const storeTimeoutMs = 500;

/** What is asked for: the connection, and the record that was found wanting. */
interface Wanted {
  ref: ConnectionRef;
  seen: StoredConnection | undefined;
  isForRejection: boolean;
  onStoreTrouble: (error: StoreUnavailableError) => void;
}

/** A refresh under way. */
interface Running {
  work: Promise<LiveConnection>;
  /** Resolves when the store did not take the new tokens; the work goes on. */
  storeTrouble: Promise<StoreUnavailableError>;
}

/** A token request on its way. */
interface Request {
  response: Promise<TokenResponse>;
  /** True: the lock was lost before the request left, and nothing was sent. */
  isWithheld: () => boolean;
}

export function createRefresher(dependencies: Dependencies): Refresher {
  const { store, vault, connections, directory, grants, pauses, now, log } = dependencies;
  const outcomes = createRefreshOutcomes(dependencies);
  const running = new Map<string, Running>();
  const late = new Set<Promise<void>>();

  const refresh: Refresher['refresh'] = async (ref, seen, { isForRejection } = { isForRejection: false }) => {
    const known = running.get(ref.key) ?? start(ref, seen, isForRejection);
    running.set(ref.key, known);
    const connection = await withinStoreTimeout(known);
    const before = ref.provider.grant === 'client_credentials' ? undefined : seen?.connection;
    // The person may have connected another account: what was begun for one is never done at the other.
    if (before && !isSameAccount(connection, before)) throw notConnected(ref.provider);
    return connection;
  };

  const start = (ref: ConnectionRef, seen: StoredConnection | undefined, isForRejection: boolean): Running => {
    let onStoreTrouble: (error: StoreUnavailableError) => void = () => undefined;
    const storeTrouble = new Promise<StoreUnavailableError>((resolve) => (onStoreTrouble = resolve));
    const began = performance.now();
    const ended = (outcome: string) => (): void => {
      const ms = Math.round(performance.now() - began);
      log.debug('connection.refresh_ended', { provider: ref.provider.id, outcome, ms });
    };
    const work = run({ ref, seen, isForRejection, onStoreTrouble }).finally(() => running.delete(ref.key));
    // The asking request may be gone; those that wait still see the failure.
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

  const run = async (wanted: Wanted): Promise<LiveConnection> => {
    const { ref, seen } = wanted;
    const deadline = performance.now() + lockOwnerTimeoutMs;
    let orphan: Buffer | undefined;
    while (performance.now() < deadline) {
      const lock = await takeLock(store, ref.slot, ref.provider.id, orphan);
      if (lock) {
        if (orphan) log.warn('connection.refresh_orphaned', { provider: ref.provider.id });
        const connection = await refreshHolding(wanted, lock, orphan !== undefined);
        if (connection) return connection;
        continue;
      }
      const left = await waitForLockOwner(ref, seen, deadline);
      orphan = left.orphan;
      const newer = left.written && newerThan(left.written, seen, ref.provider);
      if (newer) return newer;
    }
    throw unavailable(ref.provider, 2);
  };

  /** Waits until the other process has written a new record, has released the lock without one, or is known to have ended. */
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
    { ref, seen, isForRejection, onStoreTrouble }: Wanted,
    lock: Lock,
    isOrphans: boolean,
  ): Promise<LiveConnection | undefined> => {
    const { provider, slot, key } = ref;
    let lockIsKept = false;
    try {
      const keys = [key, pauseKey(slot, provider.id), sentKey(slot, provider.id)];
      const [sealed, paused, noted] = await store.getMany(keys);
      const overwritten = seen && isOverwritten(seen) ? seen : undefined;
      const stored = sealed ? connections.open(key, sealed) : overwritten;
      if (!stored && seen) throw notConnected(provider);
      const newer = stored && newerThan(stored, seen, provider);
      if (newer) return newer;
      const pause = pauses.open(slot, provider.id, paused);
      if (pause && pause.until > now()) throw leftAlone(provider, pause, now());
      // Of an orphan's owner it is known that it has ended.
      if (stored && !isOrphans && (await waitForSender({ store, vault }, ref, stored, noted)) === 'written')
        return undefined;

      const attempt: RefreshAttempt = { ref, stored, lock, pause, isForRejection, sentAt: now(), onStoreTrouble };
      try {
        const server = await directory.get(provider);
        attempt.origin = originOf(provider, server);
        const note = noteOf({ store, vault }, ref, stored?.connection);
        if (!(await lock.confirm(sentLifeMs, note)) || !lock.isHeld()) return logLostLock(provider);
        faultPoint('refresh.locked');
        attempt.sentAt = now();
        const { response, isWithheld } = send(server, attempt);
        const tokens = await inTime(responseTimeoutMs, response).catch((error: unknown) => {
          if (!isWithheld()) throw error;
          return 'withheld' as const;
        });
        if (tokens === 'withheld') {
          await withdrawNote(store, note);
          return logLostLock(provider);
        }
        if (tokens === undefined) {
          lockIsKept = true;
          takeLate(attempt, response);
          throw new TokenEndpointError('transient', 'timeout');
        }
        faultPoint('refresh.answered');
        if (!lock.isHeld()) logLostLock(provider);
        return await outcomes.save(attempt, tokens);
      } catch (error) {
        return await outcomes.fail(attempt, error);
      }
    } finally {
      if (!lockIsKept) await lock.release();
    }
  };

  const send = (server: AuthorizationServer, { ref: { provider }, stored, lock }: RefreshAttempt): Request => {
    let withheld = false;
    const maySend = (): boolean => {
      // This process may have been stopped since the lock was confirmed, and another one may have sent the token.
      withheld ||= !lock.isHeld();
      return !withheld;
    };
    const sending = { timeoutMs: lateResponseTimeoutMs, maySend };
    const ask = async (): Promise<TokenResponse> => {
      if (provider.grant === 'client_credentials') return grants.clientCredentials(provider, server, sending);
      const connection = stored?.connection;
      const refreshToken = connection?.tokens?.refreshToken;
      if (refreshToken === undefined) throw reauthRequired(provider);
      if (!isTokenEndpointOf(server, connection ?? {})) {
        log.warn('connection.made_elsewhere', { provider: provider.id, code: 'token_endpoint' });
        throw reauthRequired(provider);
      }
      return grants.refreshToken(provider, server, refreshToken, sending);
    };
    return { response: ask(), isWithheld: () => withheld };
  };

  /**
   * The requests are answered by now, and the response is waited for all the same. The lock is kept as long as another process
   * would wait for a stopped one; for a server that rotates refresh tokens, until the response cannot come any longer.
   */
  const takeLate = (attempt: RefreshAttempt, response: Promise<TokenResponse>): void => {
    const { lock, ref, stored } = attempt;
    const keepMs = (rotates(stored?.connection) ? lateResponseTimeoutMs : sentLifeMs) - responseTimeoutMs;
    const timer = setTimeout(() => void lock.release(), keepMs);
    const taken = response
      .then((tokens) => outcomes.save(attempt, tokens))
      .catch((error: unknown) => {
        const code = error instanceof TokenEndpointError ? error.code : undefined;
        log.info('connection.late_response_unused', { provider: ref.provider.id, code });
      })
      .then(async () => {
        clearTimeout(timer);
        await lock.release();
        await withdrawNote(store, noteOf({ store, vault }, ref, stored?.connection));
        late.delete(taken);
      });
    late.add(taken);
  };

  /** This process was stopped, or kept from the store, for longer than its lock lived: another one may have gone on. */
  const logLostLock = (provider: Provider): undefined => {
    log.warn('connection.lock_lost', { provider: provider.id });
  };

  return {
    refresh,
    settled: async () => {
      while (running.size + late.size > 0)
        await Promise.allSettled([...[...running.values()].map(({ work }) => work), ...late]);
    },
  };
}
