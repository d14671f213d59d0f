import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { errors } from 'undici';

/** Interim answers that one call may get, and bytes of a reason phrase, which undici does not count. */
const mostInterimAnswers = 1000;
const longestReason = 16_384;

const cr = 0x0d;
const lf = 0x0a;
const space = 0x20;
const zero = 0x30;
const one = 0x31;
const two = 0x32;

/**
 * The beginning of an answer on one connection, byte by byte, until the end of its final status line. undici passes
 * over interim answers but one: at `100 Continue` it gives up the connection, although a server may send it unasked and a
 * client must be able to skip it (RFC 9110 sections 10.1.1 and 15.2). Here it becomes a `102`, which undici skips.
 */
class AnswerBeginning {
  /** The reason phrase, as Latin-1: undici tells only what stood in the last packet of it, and that as UTF-8. */
  reason = '';
  #state: 'known' | 'status' | 'reason' | 'interim' = 'known';
  /** Bytes of the status line so far; the status stands after `HTTP/1.1 `, from 9 to 11. */
  #at = 0;
  #secondDigit = 0;
  #lineEmpty = false;
  #passed = 0;
  #sentAt = 0;
  #timeoutMs: number;

  constructor(private readonly defaultTimeoutMs: number) {
    this.#timeoutMs = defaultTimeoutMs;
  }

  /** A request goes out: what comes next is the beginning of its response. */
  expect(timeoutMs: number | null | undefined): void {
    this.#timeoutMs = timeoutMs ?? this.defaultTimeoutMs;
    this.#passed = 0;
    this.#sentAt = performance.now();
    this.#begin();
  }

  /** Whether the server has gone on for so long that it is not going to come to its answer. */
  get isEndless(): boolean {
    return this.#passed > mostInterimAnswers || this.reason.length > longestReason;
  }

  /** Whether interim answers alone have come for as long as an answer is waited for; each of them begins undici's wait anew. */
  get isLate(): boolean {
    return this.#passed > 0 && this.#state !== 'known' && performance.now() - this.#sentAt > this.#timeoutMs;
  }

  /** Changes the bytes in place. */
  look(chunk: Buffer): void {
    for (let index = 0; index < chunk.length && this.#state !== 'known'; index += 1) {
      if (this.#state === 'status') this.#passStatus(chunk, index);
      else if (this.#state === 'interim') this.#passInterim(chunk[index] ?? 0);
      else {
        this.#passReason(chunk, index);
        return;
      }
    }
  }

  #begin(): void {
    this.reason = '';
    this.#state = 'status';
    this.#at = 0;
  }

  #passStatus(chunk: Buffer, index: number): void {
    const byte = chunk[index] ?? 0;
    if (this.#at === 0 && (byte === cr || byte === lf)) return;
    if (this.#at === 9 && byte !== one) this.#state = 'reason';
    else if (this.#at === 10) this.#secondDigit = byte;
    else if (this.#at === 11) {
      if (this.#secondDigit === zero && byte === zero) chunk[index] = two;
      this.#state = 'interim';
      this.#lineEmpty = false;
    }
    this.#at += 1;
  }

  /** An empty line ends an interim answer, and another one begins. */
  #passInterim(byte: number): void {
    if (byte !== lf) {
      if (byte !== cr) this.#lineEmpty = false;
    } else if (this.#lineEmpty) {
      this.#passed += 1;
      this.#begin();
    } else this.#lineEmpty = true;
  }

  /** From the second digit of a final status on. */
  #passReason(chunk: Buffer, from: number): void {
    const end = chunk.indexOf(cr, from);
    this.reason += chunk.toString('latin1', from, end === -1 ? chunk.length : end);
    if (end === -1) return;
    this.reason = this.reason.slice(this.reason.charCodeAt(2) === space ? 3 : 2);
    this.#state = 'known';
  }
}

/** A server that never comes to its answer: interim ones or a reason phrase without end. */
export class EndlessBeginning extends Error {
  override readonly name = 'EndlessBeginning';
}

const beginnings = new WeakMap<object, AnswerBeginning>();

/**
 * Lets interim answers on this connection be passed over for `timeoutMs` milliseconds, or for the request's own limit, and tells the reason phrase of each
 * answer before undici tells of the answer. It works while `followRequests` is in force.
 */
export function passOverInterimAnswers(
  socket: Socket,
  timeoutMs: number,
  onReason: (reason: string) => void = () => undefined,
): void {
  const beginning = new AnswerBeginning(timeoutMs);
  beginnings.set(socket, beginning);
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  socket.read = (size) => {
    const chunk = read(size);
    if (chunk === null) return null;
    beginning.look(chunk);
    onReason(beginning.reason);
    if (beginning.isEndless) socket.destroy(new EndlessBeginning());
    else if (beginning.isLate) socket.destroy(new errors.HeadersTimeoutError());
    return chunk;
  };
}

const sending = 'undici:client:sendHeaders';
let followers = 0;

function onSending(message: unknown): void {
  const { socket, request } = message as { socket: object; request: { headersTimeout?: number | null } };
  beginnings.get(socket)?.expect(request.headersTimeout);
}

/** Notes every request that undici sends on one of these connections. Returns the way to stop that, to be called once. */
export function followRequests(): () => void {
  if (followers === 0) subscribe(sending, onSending);
  followers += 1;
  return () => {
    followers -= 1;
    if (followers === 0) unsubscribe(sending, onSending);
  };
}
