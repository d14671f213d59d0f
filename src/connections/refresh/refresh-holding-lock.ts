import { faultPoint } from '../../fault-points.js';
import { TokenEndpointError } from '../../oauth/token-response.js';
import { pauseKey, sentKey } from '../../store/keys.js';
import { isOverwritten, type StoredConnection } from '../connection-store.js';
import { filledRef } from '../filled-ref.js';
import { originOf } from '../origin.js';
import type { RefreshAttempt, RefreshDependencies, WantedRefresh } from './attempt.js';
import { leftAlone, notConnected } from './failure.js';
import { inTime } from './in-time.js';
import { takeLateResponse } from './late-response.js';
import { sentLifeMs, type Lock } from './lock.js';
import type { Pause } from './pause.js';
import { recordFailure } from './record-failure.js';
import { newerThan, type LiveConnection } from './refreshed-connection.js';
import { responseTimeoutMs } from './response-times.js';
import { saveTokens } from './save-tokens.js';
import { noteOf, waitForSender, withdrawNote } from './sent-token.js';
import { sendRefresh } from './token-request.js';

/** What the second read found: tokens that are newer than those that were seen, or what a refresh begins with. */
type Found = { newer: LiveConnection | undefined } | { stored: StoredConnection | undefined; pause: Pause | undefined };

/**
 * One process holds the lock: it reads the record again, asks the token endpoint, and saves the new tokens or records the
 * failure. Undefined when the lock was lost on the way and nothing came of it, or the record was written meanwhile.
 */
export async function refreshHoldingLock(
  dependencies: RefreshDependencies,
  wanted: WantedRefresh,
  lock: Lock,
  isOrphans: boolean,
): Promise<LiveConnection | undefined> {
  let attempt: RefreshAttempt | undefined;
  try {
    const found = await readAgain(dependencies, wanted, isOrphans);
    if ('newer' in found) return found.newer;
    // The record that is refreshed says where, and not the one that was seen before.
    const ref = filledRef(wanted.ref, found.stored?.connection);
    attempt = { ...wanted, ...found, ref, lock, sentAt: dependencies.now(), keepsLock: false };
    return await refreshOnce(dependencies, attempt);
  } finally {
    if (!attempt?.keepsLock) await lock.release();
  }
}

/** The lock was free or is ours only now: another process may have refreshed, failed or ended since the first read. */
async function readAgain(
  { store, vault, connections, pauses, now }: RefreshDependencies,
  { ref, seen }: WantedRefresh,
  isOrphans: boolean,
): Promise<Found> {
  const { provider, slot, cell, key } = ref;
  const keys = [key, pauseKey(slot, cell), sentKey(slot, cell)];
  const [sealed, paused, noted] = await store.getMany(keys);
  const overwritten = seen && isOverwritten(seen) ? seen : undefined;
  const stored = sealed ? connections.open(key, sealed) : overwritten;
  if (!stored && seen) throw notConnected(provider);
  const newer = stored && newerThan(stored, seen, provider);
  if (newer) return { newer };
  const pause = pauses.open(slot, cell, paused);
  if (pause && pause.until > now()) throw leftAlone(provider, pause, now());
  // Of an orphan's owner it is known that it has ended.
  if (stored && !isOrphans && (await waitForSender({ store, vault }, ref, stored, noted)) === 'written')
    return { newer: undefined };
  return { stored, pause };
}

async function refreshOnce(
  dependencies: RefreshDependencies,
  attempt: RefreshAttempt,
): Promise<LiveConnection | undefined> {
  try {
    return await askAndSave(dependencies, attempt);
  } catch (error) {
    return await recordFailure(dependencies, attempt, error);
  }
}

/** Sends the refresh token, once, and saves what comes back. Undefined when the lock was lost before anything was sent. */
async function askAndSave(
  dependencies: RefreshDependencies,
  attempt: RefreshAttempt,
): Promise<LiveConnection | undefined> {
  const { store, directory, now } = dependencies;
  const { ref, lock, stored } = attempt;
  const server = await directory.get(ref.provider);
  attempt.origin = originOf(ref.provider, server);
  const note = noteOf(dependencies, ref, stored?.connection);
  if (!(await lock.confirm(sentLifeMs, note)) || !lock.isHeld()) {
    logLostLock(dependencies, attempt);
    return undefined;
  }
  faultPoint('refresh.locked');
  attempt.sentAt = now();
  const request = sendRefresh(dependencies, server, attempt);
  const response = await inTime(responseTimeoutMs, request.response).catch((error: unknown) => {
    if (!request.isWithheld()) throw error;
    return 'withheld' as const;
  });
  if (response === 'withheld') {
    await withdrawNote(store, note);
    logLostLock(dependencies, attempt);
    return undefined;
  }
  if (response === undefined) {
    attempt.keepsLock = true;
    attempt.onLateResponse(takeLateResponse(dependencies, attempt, request.response));
    throw new TokenEndpointError('transient', 'timeout');
  }
  faultPoint('refresh.answered');
  if (!lock.isHeld()) logLostLock(dependencies, attempt);
  return saveTokens(dependencies, attempt, response);
}

/** This process was stopped, or kept from the store, for longer than its lock lived: another one may have gone on. */
function logLostLock({ log }: RefreshDependencies, { ref }: RefreshAttempt): void {
  log.warn('connection.lock_lost', { provider: ref.provider.id });
}
