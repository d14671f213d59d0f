import { setTimeout as wait } from 'node:timers/promises';
import type { StoreUnavailableError } from '../../store/store.js';
import type { StoredConnection } from '../connection-store.js';
import type { ConnectionRef } from '../connection-ref.js';
import { isSameAccount } from '../connection.js';
import type { RefreshDependencies } from './attempt.js';
import { notConnected } from './failure.js';
import { refreshInTurn } from './refresh-in-turn.js';
import type { LiveConnection } from './refreshed-connection.js';

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

/** Milliseconds that requests wait for a store that does not take the new tokens. */
const storeTimeoutMs = 500;

/** A refresh under way. */
interface Running {
  work: Promise<LiveConnection>;
  /** Resolves when the store did not take the new tokens; the work goes on. */
  storeTrouble: Promise<StoreUnavailableError>;
}

export function createRefresher(dependencies: RefreshDependencies): Refresher {
  const { log } = dependencies;
  const running = new Map<string, Running>();
  const late = new Set<Promise<void>>();

  const refresh: Refresher['refresh'] = async (ref, seen, { isForRejection } = { isForRejection: false }) => {
    const known = running.get(ref.key) ?? start(ref, seen, isForRejection);
    running.set(ref.key, known);
    const connection = await withinStoreTimeout(known);
    const before = ref.provider.grant === 'client_credentials' ? undefined : seen?.connection;
    // The person may have connected another account: what was begun for one is never done at the other.
    if (before && !isSameAccount(connection, before, ref.provider)) throw notConnected(ref.provider);
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
    const wanted = { ref, seen, isForRejection, onStoreTrouble, onLateResponse };
    const work = refreshInTurn(dependencies, wanted).finally(() => running.delete(ref.key));
    // The asking request may be gone; those that wait still see the failure.
    work.then(ended('renewed'), ended('failed'));
    return { work, storeTrouble };
  };

  const onLateResponse = (taken: Promise<void>): void => {
    late.add(taken);
    void taken.then(() => late.delete(taken));
  };

  const settled = async (): Promise<void> => {
    while (running.size + late.size > 0)
      await Promise.allSettled([...[...running.values()].map(({ work }) => work), ...late]);
  };

  return { refresh, settled };
}

function withinStoreTimeout({ work, storeTrouble }: Running): Promise<LiveConnection> {
  const rejection = storeTrouble.then(async (error) => {
    await wait(storeTimeoutMs);
    throw error;
  });
  return Promise.race([work, rejection]);
}
