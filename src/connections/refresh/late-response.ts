import { TokenEndpointError, type TokenResponse } from '../../oauth/token-response.js';
import type { RefreshAttempt, RefreshDependencies } from './attempt.js';
import { sentLifeMs } from './lock.js';
import { rotates } from './refreshed-connection.js';
import { lateResponseTimeoutMs, responseTimeoutMs } from './response-times.js';
import { saveTokens } from './save-tokens.js';
import { noteOf, withdrawNote } from './sent-token.js';

/**
 * The requests are answered by now, and the response is waited for all the same. The lock is kept as long as another process
 * would wait for a stopped one; for a server that rotates refresh tokens, until the response cannot come any longer.
 */
export async function takeLateResponse(
  dependencies: RefreshDependencies,
  attempt: RefreshAttempt,
  response: Promise<TokenResponse>,
): Promise<void> {
  const { store, log } = dependencies;
  const { lock, ref, stored } = attempt;
  const keepMs = (rotates(stored?.connection) ? lateResponseTimeoutMs : sentLifeMs) - responseTimeoutMs;
  const timer = setTimeout(() => void lock.release(), keepMs);
  try {
    await saveTokens(dependencies, attempt, await response);
  } catch (error) {
    const code = error instanceof TokenEndpointError ? error.code : undefined;
    log.info('connection.late_response_unused', { provider: ref.provider.id, code });
  }
  clearTimeout(timer);
  await lock.release();
  await withdrawNote(store, noteOf(dependencies, ref, stored?.connection));
}
