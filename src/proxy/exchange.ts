import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { Answer } from './answer.js';
import { headerText, reasonPhrase } from './answer-head.js';
import type { ForwardCall, ForwardDone, ForwardOutcome } from './call.js';
import { HeldAnswer, isReadable } from './held-answer.js';
import { breakOff, CallerGone, closeUnlessComplete, UploadStream } from './request-body.js';
import { callHeaders } from './request-headers.js';
import { responseHeaders } from './response-headers.js';
import { CutOff, Discarded, isConnectionLost, isWholeWithoutContent, upstreamError } from './upstream-error.js';
import type { Upstream } from './upstream-pools.js';

type Body = Buffer | UploadStream | null;
/** The outcome as far as it is known. */
type Progress = { -readonly [Member in keyof ForwardOutcome]: ForwardOutcome[Member] } & {
  repeated: boolean;
  unauthorized: boolean;
};

/**
 * One call to an upstream and its answer to the caller: undici's handler for it, and the listener on the caller's
 * response. It is settled once; until the head of the answer is written failures reject, afterwards they tear the
 * caller's connection down, so that a body cut short never looks whole.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  #state: 'waiting' | 'reading' | 'holding' | 'discarding' | 'passing' | 'settled' = 'waiting';
  #controller: Dispatcher.DispatchController | undefined;
  #body: Body = null;
  #held: HeldAnswer | undefined;
  #fresh = true;
  #answering = false;
  #resent = false;
  #answer: Answer | undefined;
  #startedAt = 0;
  #outcome: Progress = {
    source: 'upstream',
    status: undefined,
    upstreamMs: undefined,
    answeredAt: undefined,
    repeated: false,
    unauthorized: false,
  };

  constructor(
    private readonly req: IncomingMessage,
    private readonly res: ServerResponse,
    private readonly call: ForwardCall,
    private readonly upstream: Upstream,
    private readonly done: ForwardDone,
  ) {}

  /** Sends the call. `length`: the Content-Length of a body that is streamed, where the caller stated one. */
  run(body: Body, length?: number): void {
    this.#body = body;
    this.res.on('close', () => this.#callerClosed());
    this.#send(this.call.authorization, length);
  }

  #send(authorization: string, length?: number): void {
    const { req, call } = this;
    const headers = callHeaders(req, call, authorization, length);
    this.#state = 'waiting';
    this.#controller = undefined;
    this.#answering = false;
    this.#startedAt = performance.now();
    const options = { path: call.path, method: req.method ?? 'GET', headers, body: this.#body };
    this.upstream.pool.dispatch(options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#fresh = this.upstream.moment.fresh;
    if (this.#state === 'settled') controller.abort(new CallerGone());
  }

  /** The first byte of an answer: from here on the call is not sent again unasked. */
  onResponseStarted(): void {
    this.#answering = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200 || this.#state === 'settled') return;
    this.#outcome.upstreamMs = (this.#outcome.upstreamMs ?? 0) + performance.now() - this.#startedAt;
    const raw = headerText(controller.rawHeaders);
    const { reason } = this.upstream.moment;
    const asked = this.#mayAsk(status);
    if (asked || (this.call.isAuthFailureBody && isReadable(status, raw))) {
      this.#held = new HeldAnswer(status, reason, raw);
      this.#state = 'reading';
      if (asked) this.#askFor(this.#held);
    } else this.#passHead(status, reason, raw);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state === 'passing') this.#answer?.write(chunk);
    else if (this.#state === 'reading') {
      if (this.#held?.add(chunk) === false) this.#release();
    } else if (this.#held !== undefined && this.#state === 'holding') {
      if (!this.#held.add(chunk)) controller.pause();
    }
  }

  onResponseEnd(): void {
    if (this.upstream.moment.failing) this.onResponseError(undefined, new CutOff());
    else if (this.#state === 'passing') this.#answer?.end();
    else if (this.#held !== undefined) {
      this.#held.ended = true;
      if (this.#state === 'reading') this.#judge(this.#held);
    }
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#state === 'settled' || this.#state === 'discarding') return;
    if (error instanceof CallerGone) this.#settle({ source: 'client_abort', status: this.#outcome.status });
    else if (this.#state === 'passing' && isWholeWithoutContent(this.#outcome.status, error)) this.#answer?.end();
    else if (this.#state === 'passing') this.#breakOff(error);
    else if (this.#held !== undefined && this.#state === 'holding') this.#held.error = error;
    else if (this.#isStale(error)) {
      this.#resent = true;
      process.nextTick(() => this.#state === 'waiting' && this.#send(this.call.authorization));
    } else this.#fail(upstreamError(error, this.call.providerId, this.#answering));
  }

  /** A kept connection that the upstream closed just as it was used again: nothing was answered, and asking twice is safe. */
  #isStale(error: Error): boolean {
    const safe = this.req.method === 'GET' || this.req.method === 'HEAD' || this.req.method === 'OPTIONS';
    const again = this.#resent || this.#outcome.repeated || this.#fresh || this.#answering;
    return safe && this.#body === null && !again && isConnectionLost(error);
  }

  #mayAsk(status: number): boolean {
    this.#outcome.unauthorized = this.call.authFailureStatus.includes(status);
    return this.#outcome.unauthorized && this.#isRepeatable();
  }

  /** Of a repeated call it is told, too, that it was refused. */
  #isRepeatable(): boolean {
    if (this.call.onAuthFailure === undefined || this.#outcome.repeated) return this.#outcome.repeated;
    return !(this.#body instanceof UploadStream) || this.#body.kept !== undefined;
  }

  /** The whole of a small JSON answer is here: it may say what other APIs say with a status. */
  #judge(held: HeldAnswer): void {
    this.#outcome.unauthorized = this.call.isAuthFailureBody?.(Buffer.concat(held.chunks)) ?? false;
    if (this.#outcome.unauthorized && this.#isRepeatable()) this.#askFor(held);
    else this.#release();
  }

  #askFor({ status, raw }: HeldAnswer): void {
    this.#state = 'holding';
    const asked = this.call.onAuthFailure?.(status, raw) ?? Promise.resolve(undefined);
    const decide = (found?: string) =>
      found === undefined || this.#outcome.repeated ? this.#release() : this.#repeat(found);
    asked.then(decide).catch((error: unknown) => this.#fail(error));
  }

  #repeat(authorization: string): void {
    if (this.#state !== 'holding') return;
    this.#state = 'discarding';
    if (this.#held?.ended === false) this.#controller?.abort(new Discarded());
    this.#held = undefined;
    this.#outcome.repeated = true;
    if (this.#body instanceof UploadStream) this.#body = this.#body.kept ?? null;
    this.#send(authorization);
  }

  #release(): void {
    const held = this.#held;
    if (held === undefined || (this.#state !== 'holding' && this.#state !== 'reading')) return;
    this.#held = undefined;
    let answer: Answer;
    try {
      if (held.error !== undefined) throw held.error;
      answer = this.#passHead(held.status, held.reason, held.raw);
    } catch (error) {
      this.#fail(upstreamError(error, this.call.providerId, true));
      return;
    }
    for (const chunk of held.chunks) answer.write(chunk);
    if (held.ended) answer.end();
    else if (!answer.isFull) this.#controller?.resume();
  }

  #passHead(status: number, reason: string, raw: readonly string[]): Answer {
    const headers = responseHeaders(raw, status, this.call);
    const answer = new Answer(this.res, this.#controller);
    answer.begin(status, reasonPhrase(status, reason), headers);
    this.#answer = answer;
    this.#state = 'passing';
    this.#outcome.answeredAt = performance.now();
    this.#outcome.status = status;
    closeUnlessComplete(this.req, this.res);
    return answer;
  }

  #callerClosed(): void {
    if (this.#state === 'settled') return;
    if (this.#answer?.isOut === true) this.#settle(this.#outcome);
    else {
      this.#settle({ ...this.#outcome, source: 'client_abort' });
      this.#controller?.abort(new CallerGone());
      if (this.#body instanceof UploadStream) this.#body.destroy(new CallerGone());
    }
  }

  #breakOff(error: Error): void {
    this.#settle({ ...this.#outcome, brokenBy: error });
    breakOff(this.req, this.res);
  }

  #settle(outcome: ForwardOutcome): void {
    this.#state = 'settled';
    this.#held = undefined;
    this.done(undefined, outcome);
  }

  #fail(error: unknown): void {
    if (this.#state === 'settled') return;
    this.#state = 'settled';
    closeUnlessComplete(this.req, this.res);
    this.#held = undefined;
    this.#controller?.abort(new Discarded());
    // Not within what undici is just doing.
    process.nextTick(this.done, error);
  }
}
