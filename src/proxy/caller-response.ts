import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { endInBatch } from './end-in-batch.js';

/** The response on its way to the caller, at the caller's pace: the upstream is held back while the caller reads more slowly. */
export class CallerResponse {
  readonly #res: ServerResponse;
  readonly #upstream: Dispatcher.DispatchController | undefined;
  /** The beginning of the body, as long as the rest may have come in the same packet. */
  #beginning: Buffer | undefined;
  #underWay = false;
  #ended = false;
  #full = false;

  constructor(res: ServerResponse, upstream: Dispatcher.DispatchController | undefined) {
    this.#res = res;
    this.#upstream = upstream;
  }

  /** Throws what `writeHead` throws. */
  begin(status: number, reason: string, headers: string[]): void {
    this.#res.writeHead(status, reason, headers);
    // Most bodies come with the head, and whole. What comes alone is not kept waiting.
    process.nextTick(CallerResponse.#flush, this);
  }

  /** Whether the caller has all of it, as far as can be known here. */
  get isOut(): boolean {
    return this.#ended && this.#res.writableFinished;
  }

  get isFull(): boolean {
    return this.#full;
  }

  write(chunk: Buffer): void {
    if (!this.#underWay && this.#beginning === undefined) {
      this.#beginning = chunk;
      return;
    }
    this.#passBeginning();
    this.#pass(chunk);
  }

  end(): void {
    this.#ended = true;
    if (this.#underWay) this.#res.end();
    else endInBatch(this.#res, this.#beginning);
  }

  static #flush(response: CallerResponse): void {
    if (response.#underWay || response.#ended) return;
    response.#passBeginning();
    response.#res.flushHeaders();
  }

  #passBeginning(): void {
    this.#underWay = true;
    const beginning = this.#beginning;
    if (beginning === undefined) return;
    this.#beginning = undefined;
    this.#pass(beginning);
  }

  #pass(chunk: Buffer): void {
    if (this.#res.write(chunk) || this.#full) return;
    this.#full = true;
    this.#upstream?.pause();
    this.#res.once('drain', () => {
      this.#full = false;
      this.#upstream?.resume();
    });
  }
}
