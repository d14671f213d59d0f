import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { GatehouseError } from '../errors.js';
import { isSafeMethod } from '../http/methods.js';
import type { CallUnderWay, ForwardCall, ForwardDone, ForwardOutcome } from './call.js';
import { CallerResponse } from './caller-response.js';
import { isQuery } from './graphql-query.js';
import { HeldResponse, isReadable } from './held-response.js';
import type { Place } from './places.js';
import { strikeToken, withParameters, type OwnParameter } from '../http/query-parameters.js';
import { breakOff, CallerGone, closeUnlessComplete, UploadStream } from './request-body.js';
import { callHeaders } from './request-headers.js';
import { checkHead, headerText, reasonPhrase } from './response-head.js';
import { responseHeaders } from './response-headers.js';
import { CutOff, Discarded, isConnectionLost, isWholeWithoutContent, upstreamError } from './upstream-error.js';
import type { Upstream } from './upstream-pools.js';

type Body = Buffer | UploadStream | null;
/** The outcome as far as it is known. */
type Progress = { -readonly [Member in keyof ForwardOutcome]: ForwardOutcome[Member] } & {
  repeated: boolean;
  unauthorized: boolean;
};

/** Says that the API refused the token, that there is a new one, and that the call has to be sent again by the caller. */
const refreshedReason = ['X-Gatehouse-Reason', 'token_refreshed'] as const;

/**
 * One call to an upstream and its response to the caller: undici's handler for it, and the listener on the caller's
 * response. It is settled once; until the head of the response is written failures reject, afterwards they tear the
 * caller's connection down, so that a body cut short never looks whole.
 */
export class Exchange implements Dispatcher.DispatchHandler, CallUnderWay {
  #state: 'waiting' | 'reading' | 'holding' | 'discarding' | 'passing' | 'settled' = 'waiting';
  #controller: Dispatcher.DispatchController | undefined;
  #place: Place | undefined;
  #body: Body = null;
  #held: HeldResponse | undefined;
  #fresh = true;
  #answering = false;
  #resent = false;
  #response: CallerResponse | undefined;
  /** The token that stands in the address of the call. */
  #sentToken: OwnParameter | undefined;
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

  /** Sends the call in its turn. `length`: the Content-Length of a body that is streamed, where the caller stated one. */
  run(body: Body, length?: number): void {
    if (this.#state === 'settled') return;
    this.#body = body;
    this.res.on('close', () => this.#callerClosed());
    const place = this.upstream.places.enter(this.call.parties, (error) => {
      if (error !== undefined) this.#fail(error);
      else this.#send(this.call.authorization, length);
    });
    // What was settled within `enter` has given nothing back yet.
    if (this.#isSettled()) place.leave();
    else this.#place = place;
  }

  /** The caller went away before its request was whole. */
  callerIsGone(): void {
    if (this.#state !== 'settled') this.#settle({ source: 'client_abort' });
  }

  end(error: GatehouseError): void {
    if (this.#state === 'settled') return;
    if (this.#response === undefined) this.#fail(error);
    else {
      this.#breakOff(error);
      this.#controller?.abort(new Discarded());
    }
  }

  #send(authorization: string, length?: number): void {
    const { req, call } = this;
    const headers = callHeaders(req, call, authorization, length);
    const { tokenParameter } = call;
    if (tokenParameter !== undefined) this.#sentToken = [tokenParameter, authorization];
    this.#state = 'waiting';
    this.#controller = undefined;
    this.#answering = false;
    this.#startedAt = performance.now();
    this.upstream.send(
      {
        path: this.#sentToken ? withParameters(call.path, [this.#sentToken]) : call.path,
        method: req.method ?? 'GET',
        headers,
        body: this.#body,
        headersTimeout: call.timeoutMs ?? null,
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#fresh = this.upstream.moment.fresh;
    if (this.#state === 'settled') controller.abort(new CallerGone());
  }

  /** The first byte of a response: from here on the call is not sent again unasked. */
  onResponseStarted(): void {
    this.#answering = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200 || this.#state === 'settled') return;
    this.#outcome.upstreamMs = (this.#outcome.upstreamMs ?? 0) + performance.now() - this.#startedAt;
    const raw = headerText(controller.rawHeaders);
    const { reason } = this.upstream.moment;
    checkHead(raw, reason);
    this.#outcome.unauthorized = this.call.authFailureStatus.includes(status);
    const asked = this.#outcome.unauthorized && this.call.onAuthFailure !== undefined;
    if (asked || (this.call.isAuthFailureBody && isReadable(status, raw))) {
      this.#held = new HeldResponse(status, reason, raw);
      this.#state = 'reading';
      if (asked) this.#askFor(this.#held, this.#kept() !== undefined);
    } else this.#passHead(status, reason, raw);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state === 'passing') this.#response?.write(chunk);
    else if (this.#state === 'reading') {
      if (this.#held?.add(chunk) === false) this.#release();
    } else if (this.#held !== undefined && this.#state === 'holding') {
      if (!this.#held.add(chunk)) controller.pause();
    }
  }

  onResponseEnd(): void {
    if (this.upstream.moment.failing) this.onResponseError(undefined, new CutOff());
    else if (this.#state === 'passing') {
      this.#place?.leave();
      this.#response?.end();
    } else if (this.#held !== undefined) {
      this.#held.ended = true;
      if (this.#state === 'reading') this.#judge(this.#held);
    }
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#state === 'settled' || this.#state === 'discarding') return;
    if (error instanceof CallerGone) this.#settle({ source: 'client_abort', status: this.#outcome.status });
    else if (this.#state === 'passing' && isWholeWithoutContent(this.#outcome.status, error)) this.#response?.end();
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

  /** The whole body of the request, where it is still here. */
  #kept(): Buffer | null | undefined {
    return this.#body instanceof UploadStream ? this.#body.kept : this.#body;
  }

  /** The whole of a small JSON response is here: it may say what other APIs say with a status. */
  #judge(held: HeldResponse): void {
    this.#outcome.unauthorized = this.call.isAuthFailureBody?.(Buffer.concat(held.chunks)) ?? false;
    if (this.#outcome.unauthorized && this.call.onAuthFailure !== undefined) this.#askFor(held, this.#hasOnlyRead());
    else this.#release();
  }

  /** Whether a call with a 2xx status changed nothing, so that it may be sent again. */
  #hasOnlyRead(): boolean {
    const body = this.#kept();
    return body !== undefined && (isSafeMethod(this.req.method) || isQuery(body, this.req.headers));
  }

  /** `repeatable`: otherwise the token is refreshed for the calls that follow, and the response goes to the caller. */
  #askFor({ status, raw }: HeldResponse, repeatable: boolean): void {
    this.#state = 'holding';
    const { repeated } = this.#outcome;
    const asked = this.call.onAuthFailure?.(status, raw) ?? Promise.resolve(undefined);
    const decide = (found?: string): void => {
      if (found === undefined || repeated) this.#release();
      else if (repeatable) this.#repeat(found);
      else this.#release(refreshedReason);
    };
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

  #release(more: readonly string[] = []): void {
    const held = this.#held;
    if (held === undefined || (this.#state !== 'holding' && this.#state !== 'reading')) return;
    this.#held = undefined;
    let response: CallerResponse;
    try {
      if (held.error !== undefined) throw held.error;
      response = this.#passHead(held.status, held.reason, held.raw, more);
    } catch (error) {
      this.#fail(upstreamError(error, this.call.providerId, true));
      return;
    }
    for (const chunk of held.chunks) response.write(chunk);
    if (held.ended) {
      this.#place?.leave();
      response.end();
    } else if (!response.isFull) this.#controller?.resume();
  }

  #passHead(status: number, reason: string, raw: readonly string[], more: readonly string[] = []): CallerResponse {
    const headers = responseHeaders(raw, status, this.call);
    if (more.length > 0) headers.push(...more);
    if (this.#sentToken) strikeToken(headers, this.#sentToken);
    checkHead(headers, reason);
    const response = new CallerResponse(this.res, this.#controller);
    response.begin(status, reasonPhrase(status, reason), headers);
    this.#response = response;
    this.#state = 'passing';
    this.#outcome.answeredAt = performance.now();
    this.#outcome.status = status;
    closeUnlessComplete(this.req, this.res);
    return response;
  }

  #callerClosed(): void {
    if (this.#state === 'settled') return;
    if (this.#response?.isOut === true) this.#settle(this.#outcome);
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
    this.#place?.leave();
    this.#held = undefined;
    this.done(undefined, outcome);
  }

  #isSettled(): boolean {
    return this.#state === 'settled';
  }

  #fail(error: unknown): void {
    if (this.#state === 'settled') return;
    this.#state = 'settled';
    this.#place?.leave();
    closeUnlessComplete(this.req, this.res);
    this.#held = undefined;
    this.#controller?.abort(new Discarded());
    if (this.#body instanceof UploadStream) this.#body.destroy(new Discarded());
    // Not within what undici is just doing.
    process.nextTick(this.done, error);
  }
}
