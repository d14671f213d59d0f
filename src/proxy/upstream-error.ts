import { errors } from 'undici';
import { GatehouseError } from '../errors.js';
import { EndlessBeginning } from '../http/interim-responses.js';
import { HeadTooLarge } from './response-head.js';

/**
 * What a failed call means to the caller. `answering`: the upstream had begun to answer, so that the answer, not the
 * way there, is what failed. Decided on codes alone; undici's messages quote what the upstream sent.
 */
export function upstreamError(cause: unknown, provider: string, answering: boolean): GatehouseError {
  if (cause instanceof GatehouseError) return cause;
  const code = codeOf(cause);
  if (code.endsWith('_TIMEOUT') || code === 'ETIMEDOUT')
    return new GatehouseError('upstream_timeout', 'The provider did not answer in time', { provider, cause });
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED')
    return new GatehouseError('internal_error', 'The call could not be put together', { provider, cause });
  if (cause instanceof HeadTooLarge || code === 'UND_ERR_HEADERS_OVERFLOW')
    return new GatehouseError(
      'upstream_invalid_response',
      'The header of the provider’s response is larger than 16 KiB or 1,000 lines',
      { provider, cause },
    );
  const unreadable = cause instanceof EndlessBeginning || cause instanceof errors.HTTPParserError;
  if (answering || unreadable)
    return new GatehouseError('upstream_invalid_response', 'The provider answered in a way that is not HTTP', {
      provider,
      cause,
    });
  return new GatehouseError('upstream_unreachable', 'The provider could not be reached', { provider, cause });
}

/**
 * A connection that was closed under a request, also by saying so at the end of the answer before it, as opposed to a server
 * that could not be reached or took too long.
 */
export function isConnectionLost(cause: unknown): boolean {
  const code = codeOf(cause);
  const lost = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
  return lost || cause instanceof errors.HTTPParserError;
}

/**
 * Whether an answer that undici finds too short is whole: a 304 may state the length of what it does not carry (RFC 9110
 * section 8.6).
 */
export function isWholeWithoutContent(status: number | undefined, cause: unknown): boolean {
  return (status === 304 || status === 204) && codeOf(cause) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
}

/** A body without announced length ended because its connection was reset. */
export class CutOff extends Error {
  override readonly name = 'CutOff';
}

/** The body of an answer came in a transfer coding that nobody asked for. */
export class UnknownCoding extends Error {
  override readonly name = 'UnknownCoding';
}

/** The answer is not needed any more; given to undici as the reason to end the connection. */
export class Discarded extends Error {
  override readonly name = 'Discarded';
}

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string'
    ? cause.code
    : '';
}
