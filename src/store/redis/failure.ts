import { StoreUnavailableError } from '../store.js';

/**
 * What went wrong, in one word: Redis's own (`WRONGPASS`, `OOM`, `READONLY`), Node's (`ECONNREFUSED`, a certificate
 * code), or one of `TIMEOUT`, `CLOSED` and `UNREACHABLE`.
 */
export function failureCode(error: unknown): string {
  if (!isError(error)) return 'UNREACHABLE';
  if ('lastNodeError' in error && error.lastNodeError !== undefined) return failureCode(error.lastNodeError);
  if (error.name === 'ReplyError') return replyCode(error.message);
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (/timed? ?out/i.test(error.message)) return 'TIMEOUT';
  if (/connection is closed|max retries|isn't writeable|connection close/i.test(error.message)) return 'CLOSED';
  // The client tells of unreachable sentinels in a sentence that ends in the last error.
  if (/certificate/i.test(error.message)) return 'CERTIFICATE';
  return /\b(?:WRONGPASS|NOAUTH|NOPERM|E[A-Z]{5,})\b/.exec(error.message)?.[0] ?? 'UNREACHABLE';
}

/** Waiting does not help: the operator must correct a password, a permission or a certificate. */
export function isRefusal(code: string): boolean {
  return /^(?:WRONGPASS|NOAUTH|NOPERM|DENIED|DBINDEX|ERR_(?:TLS|SSL)_.+|UNABLE_TO_.+|.*CERT.*)$/.test(code);
}

/** Redis has answered, with an error. */
export function isReply(error: unknown): boolean {
  return isError(error) && error.name === 'ReplyError';
}

/** The connection has ended. What was sent last may or may not have arrived. */
export function isConnectionLoss(error: unknown): boolean {
  return /^(?:CLOSED|ECONNRESET|EPIPE|ECONNABORTED|ETIMEDOUT)$/.test(failureCode(error));
}

/**
 * The error that callers see. The client's own error stays behind: it carries the command with its values, and for AUTH
 * the password; the cause keeps the code.
 */
export function storeUnavailable(error: unknown): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) return error;
  return unavailableBecause(failureCode(error));
}

export function unavailableBecause(code: string): StoreUnavailableError {
  return new StoreUnavailableError('Redis cannot be used', { cause: new RedisFailure(code) });
}

/** The code of an error that a caller sees; `unknown` where it comes from elsewhere. */
export function storeFailureCode(error: unknown): string {
  const cause = error instanceof StoreUnavailableError ? error.cause : error;
  return cause instanceof RedisFailure ? cause.code : 'unknown';
}

/** Only the code: the text of an answer may quote what was sent. */
class RedisFailure extends Error {
  override readonly name = 'RedisFailure';

  constructor(readonly code: string) {
    super(`Redis: ${code}`);
  }
}

/** Not by class: an error of Node's own may come from another realm than this module. */
function isError(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'name' in error && 'message' in error;
}

function replyCode(message: string): string {
  if (message.startsWith('ERR invalid password')) return 'WRONGPASS';
  if (message.startsWith('ERR DB index')) return 'DBINDEX';
  return /^[A-Z]{3,}(?= )/.exec(message)?.[0] ?? 'ERR';
}
