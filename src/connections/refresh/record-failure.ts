import { compact } from '../../compact.js';
import { refusalReport } from '../../oauth/refusal-report.js';
import { TokenEndpointError } from '../../oauth/token-response.js';
import { isExpired, wholeSecond } from '../../oauth/token-set.js';
import { pauseKey } from '../../store/keys.js';
import type { Connection } from '../connection.js';
import type { RefreshAttempt, RefreshDependencies } from './attempt.js';
import { classify, leftAlone, reauthRequired, type RefreshFailure } from './failure.js';
import { overtakenBy } from './overtaken.js';
import { nextPause } from './pause.js';
import { fingerprint, isSameGrant, type LiveConnection } from './refreshed-connection.js';

/** Seconds after which a refusal without a known reason is put to the test again, though the token still lives. */
const maxDoubtSeconds = 3_600;
/** Milliseconds after which a refusal without a known reason is put to the test again, when the token has ended. */
const presumedRetryMs = 3_600_000;

/**
 * Writes down what the failure means, and throws it for the callers. Three outcomes, never mixed: the grant is over, the
 * operator has to act, or it is worth another attempt. Returns a connection that was made meanwhile, or undefined when the
 * lock was lost and this failure says nothing any longer.
 */
export async function recordFailure(
  dependencies: RefreshDependencies,
  attempt: RefreshAttempt,
  error: unknown,
): Promise<LiveConnection | undefined> {
  const failure = judge(dependencies, attempt, error);
  if (!failure) throw error;
  logFailure(dependencies, attempt, failure, error);
  const { outcome } = failure;
  if (outcome === 'dead' || outcome === 'presumed_dead') return markRefused(dependencies, attempt, outcome, error);
  return pauseRefreshes(dependencies, attempt, outcome, failure.retryAfter, error);
}

/**
 * A refusal without a known reason is not believed while the token lives: some servers refuse a refresh that comes early.
 * It is made again after the token's end.
 */
function judge(
  { now }: RefreshDependencies,
  { ref, stored, sentAt }: RefreshAttempt,
  error: unknown,
): RefreshFailure | undefined {
  const failure = classify(error, ref.provider);
  const { tokens, refused } = stored?.connection ?? {};
  const isDoubtful = tokens !== undefined && !isExpired(tokens, sentAt) && !refused;
  if (failure?.outcome !== 'presumed_dead' || !isDoubtful) return failure;
  const secondsLeft = ((tokens.expiresAt ?? Infinity) - now()) / 1000;
  const retryAfter = Math.min(maxDoubtSeconds, Math.max(0, secondsLeft));
  return { outcome: 'transient', code: failure.code, retryAfter };
}

function logFailure(
  { log }: RefreshDependencies,
  { ref }: RefreshAttempt,
  { outcome, code }: RefreshFailure,
  error: unknown,
): void {
  const { provider } = ref;
  const fields = { provider: provider.id, outcome, code, ...refusalReport(provider, error) };
  log.audit('connection.refresh_failed', ref, fields, outcome === 'configuration' ? 'error' : 'warn');
}

/** Keeps the connection, and all processes from the token endpoint for a while. */
async function pauseRefreshes(
  { store, pauses, now }: RefreshDependencies,
  { ref: { slot, cell, provider }, lock }: RefreshAttempt,
  kind: 'configuration' | 'transient',
  retryAfter: number | undefined,
  cause: unknown,
): Promise<undefined> {
  const before = pauses.open(slot, cell, await store.get(pauseKey(slot, cell)));
  const pause = nextPause(before, kind, now(), retryAfter);
  if (!(await pauses.write(slot, cell, pause, [lock.guard]))) return undefined;
  throw leftAlone(provider, pause, now(), cause);
}

/** Writes down that the grant is over, unless the connection has another grant by now. */
async function markRefused(
  { store, connections, now, log }: RefreshDependencies,
  { ref, stored }: RefreshAttempt,
  outcome: 'dead' | 'presumed_dead',
  cause: unknown,
): Promise<LiveConnection> {
  const { provider, key, guards, ttlMs } = ref;
  let base = stored;
  while (base?.connection) {
    const refused = refusedConnection(base.connection, outcome, wholeSecond(now()), reasonOf(cause));
    const write = { key, value: connections.seal(key, refused), ttlMs: ttlMs() };
    if (await store.commit([connections.unchanged(base), ...guards], [write])) break;
    const sealed = await store.get(key);
    base = sealed && connections.open(key, sealed);
    if (!base || !isSameGrant(base.connection, stored?.connection)) return overtakenBy(log, base, provider);
  }
  throw reauthRequired(provider, cause, reasonOf(cause));
}

type Reason = NonNullable<Connection['refused']>['reason'];

/** The new tokens were those of another account. */
function reasonOf(cause: unknown): Reason {
  const isAnother = cause instanceof TokenEndpointError && /^(?:account|subject|issuer)_changed$/.test(cause.code);
  return isAnother ? 'account_changed' : undefined;
}

/** A refusal that names no reason keeps the refresh token, for a forced refresh or one automatic attempt an hour. */
function refusedConnection(
  { tokens, ...rest }: Connection,
  outcome: 'dead' | 'presumed_dead',
  at: number,
  reason: Reason,
): Connection {
  const isPresumed = outcome === 'presumed_dead';
  const refreshToken = tokens?.refreshToken;
  return compact({
    ...rest,
    tokens: isPresumed ? tokens : undefined,
    refused: compact({
      at,
      retryAt: isPresumed ? at + presumedRetryMs : undefined,
      of: refreshToken === undefined ? undefined : fingerprint(refreshToken),
      reason,
    }),
    lastRefresh: { at, result: 'refused' as const },
  });
}
