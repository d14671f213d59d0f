import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { GatehouseError } from '../errors.js';

/** Bodies up to this many bytes are kept until the upstream has answered, so that the call can be repeated. */
export const keptBodyBytes = 65_536;

/** The caller went away while its request was under way. Never rendered: there is nobody left to read it. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone';
}

/** How the request's body is framed: its length in bytes, 0 for none, or undefined when it comes in chunks. */
export function bodyLength(req: IncomingMessage): number | undefined {
  const coding = req.headers['transfer-encoding'];
  if (coding !== undefined) {
    if (coding.toLowerCase() === 'chunked') return undefined;
    throw new GatehouseError('invalid_request', 'The transfer coding of the body is not supported');
  }
  return Number(req.headers['content-length'] ?? 0);
}

/** Reads a whole body of a known, small length; tells the bytes, or the reason why they never came. */
export function readBody(req: IncomingMessage, told: (body: Buffer | CallerGone) => void): void {
  const chunks: Buffer[] = [];
  const settle = (body: Buffer | CallerGone): void => {
    req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
    told(body);
  };
  const onData = (chunk: Buffer): void => void chunks.push(chunk);
  const onEnd = (): void => settle(joined(chunks));
  const onClose = (): void => settle(new CallerGone());
  req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
}

/** Reads a whole body of any length up to `limit` bytes; tells the bytes, or why they are not used. */
export function readWhole(
  req: IncomingMessage,
  limit: number,
  told: (body: Buffer | CallerGone | GatehouseError) => void,
): void {
  const chunks: Buffer[] = [];
  let received = 0;
  const settle = (body: Buffer | CallerGone | GatehouseError): void => {
    req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
    told(body);
  };
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    if (received > limit) settle(bodyTooLarge());
    else chunks.push(chunk);
  };
  const onEnd = (): void => settle(joined(chunks));
  const onClose = (): void => settle(new CallerGone());
  req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
}

/**
 * The body on its way up, at the upstream's pace. undici destroys the stream it is given; this one stands between, so
 * that the caller's connection outlives a failed upload and can still be answered. Fails with `body_too_large` beyond
 * `limit` bytes, and with CallerGone when the caller's connection ends early.
 */
export class UploadStream extends Readable {
  #req: IncomingMessage;
  #limit: number;
  #received = 0;
  #kept: Buffer[] | undefined = [];
  #started = false;

  constructor(req: IncomingMessage, limit: number) {
    super({ highWaterMark: keptBodyBytes });
    this.#req = req;
    this.#limit = limit;
    // Whoever sends this listens too; when nobody does any longer, a failure must not end the process.
    this.on('error', () => undefined);
  }

  /** The whole body once it is here, provided that it was small enough to keep. */
  get kept(): Buffer | undefined {
    return this.#kept !== undefined && this.#req.complete && this.readableEnded ? joined(this.#kept) : undefined;
  }

  override _read(): void {
    if (this.#started) this.#req.resume();
    else {
      this.#started = true;
      this.#req.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).on('error', this.#onClose);
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#req.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose).off('error', this.#onClose);
    callback(error);
  }

  #onData = (chunk: Buffer): void => {
    this.#received += chunk.length;
    if (this.#received > this.#limit) {
      this.destroy(bodyTooLarge());
      return;
    }
    if (this.#received > keptBodyBytes) this.#kept = undefined;
    this.#kept?.push(chunk);
    if (!this.push(chunk)) this.#req.pause();
  };

  #onEnd = (): void => void this.push(null);

  #onClose = (): void => {
    if (!this.#req.complete) this.destroy(new CallerGone());
  };
}

/**
 * For an answer that ends before the request does: reads on for a while, since a connection closed over unread bytes
 * may take the answer with it, and then hangs up (RFC 9112 section 9.6).
 */
export function closeUnlessComplete(req: IncomingMessage, res: ServerResponse, graceMs = 5_000): void {
  if (req.complete) return;
  res.once('finish', () => {
    if (req.complete || req.destroyed) return;
    req.resume();
    const timer = setTimeout(() => req.socket.destroy(), graceMs).unref();
    req.once('close', () => clearTimeout(timer));
  });
}

export function bodyTooLarge(): GatehouseError {
  return new GatehouseError('body_too_large', 'The body is larger than this server passes on');
}

/** Ends an answer that cannot be completed so that it does not look whole. */
export function breakOff(req: IncomingMessage, res: ServerResponse): void {
  // To a caller of HTTP/1.0 the end of the connection is the end of the body; only a reset says that it is not.
  if (req.httpVersionMinor === 0) req.socket.resetAndDestroy();
  else {
    // Answers to earlier requests of the connection go out first; from Node.js 24 on nobody else remembers that.
    if (!res.socket) res.once('socket', (socket: Socket) => socket.destroy());
    res.destroy();
  }
}
