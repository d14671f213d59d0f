import type { IncomingMessage } from 'node:http';
import { GatehouseError } from '../errors.js';

export interface BodyLimits {
  /** Bytes of one body. */
  maxBytes: number;
  /** Milliseconds until the whole body has arrived. */
  timeoutMs: number;
}

/**
 * Reads the whole body of a request. Rejects with GatehouseError body_too_large, request_timeout, rate_limited or
 * invalid_request. A body whose Content-Length is too large is refused before a byte is read.
 */
export type ReceiveBody = (req: IncomingMessage, address: string, limits: BodyLimits) => Promise<Buffer>;

interface Memory {
  /** Bytes that the unfinished bodies of all callers may take. */
  maxBytes: number;
  /** Bytes that those of one address may take. */
  maxBytesPerAddress: number;
}

/** Bytes that a body takes as soon as it is read, so that many small ones count, too. */
const firstBytes = 4_096;

/**
 * Bounds what callers that have not proved anything can make this process hold: the bytes of all their unfinished bodies
 * together, and of those that come from one address. Each body grows in one buffer, because a caller that sends a byte at
 * a time would otherwise cost a few hundred bytes for each.
 */
export function createBodyReceiver({
  maxBytes = 16 * 1_048_576,
  maxBytesPerAddress = 4 * 1_048_576,
}: Partial<Memory> = {}): ReceiveBody {
  const heldBy = new Map<string, number>();
  let heldByAll = 0;
  const hold = (address: string, bytes: number): void => {
    const held = (heldBy.get(address) ?? 0) + bytes;
    if (bytes > 0 && (heldByAll + bytes > maxBytes || held > maxBytesPerAddress)) throw tooManyBodies();
    heldByAll += bytes;
    if (held > 0) heldBy.set(address, held);
    else heldBy.delete(address);
  };

  return async (req, address, limits) => {
    const length = statedLength(req);
    if (length !== undefined && length > limits.maxBytes) throw bodyTooLarge(limits.maxBytes);
    let held = 0;
    const holdInAll = (bytes: number): void => {
      hold(address, bytes - held);
      held = bytes;
    };
    try {
      return await received(req, length, limits, holdInAll);
    } finally {
      holdInAll(0);
    }
  };
}

/** Content-Length, which Node has checked; undefined where the body comes in chunks. */
function statedLength({ headers }: IncomingMessage): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}

function received(
  req: IncomingMessage,
  length: number | undefined,
  { maxBytes, timeoutMs }: BodyLimits,
  holdInAll: (bytes: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let buffer = Buffer.alloc(0);
    let size = 0;
    const settle = (error?: Error): void => {
      clearTimeout(overdue);
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      if (error) reject(error);
      else resolve(buffer.subarray(0, size));
    };
    const grow = (bytes: number): void => {
      const capacity = Math.min(length ?? maxBytes, Math.max(firstBytes, buffer.length * 2, bytes));
      holdInAll(capacity);
      const next = Buffer.allocUnsafeSlow(capacity);
      buffer.copy(next, 0, 0, size);
      buffer = next;
    };
    const onData = (chunk: Buffer): void => {
      try {
        if (size + chunk.length > maxBytes) throw bodyTooLarge(maxBytes);
        if (size + chunk.length > buffer.length) grow(size + chunk.length);
      } catch (error) {
        settle(error as Error);
        return;
      }
      size += chunk.copy(buffer, size);
    };
    const onEnd = (): void => settle();
    const onClose = (): void => settle(new GatehouseError('invalid_request', 'The body ended before it was whole.'));
    const overdue = setTimeout(() => settle(tooSlow(timeoutMs)), timeoutMs);
    if (req.complete && length === 0) settle();
    else req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

function bodyTooLarge(maxBytes: number): GatehouseError {
  return new GatehouseError('body_too_large', `Send at most ${Math.floor(maxBytes / 1024)} KiB.`);
}

function tooSlow(timeoutMs: number): GatehouseError {
  return new GatehouseError('request_timeout', `The body did not arrive within ${timeoutMs / 1000} s.`);
}

function tooManyBodies(): GatehouseError {
  const detail = 'Too many requests are sending their bodies. Send this one again in a moment.';
  return new GatehouseError('rate_limited', detail, { retryAfter: 1 });
}
