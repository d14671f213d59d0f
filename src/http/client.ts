import { Readable } from 'node:stream';
import { Agent, buildConnector, request } from 'undici';
import { HttpFailure } from './failure.js';
import { followRequests, passOverInterimAnswers } from './interim-responses.js';
import { readBody } from './read-response.js';

export interface HttpRequest {
  method: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Asked when the connection stands and the body is about to leave; false: it does not leave. */
  maySend?: () => boolean;
}

export interface HttpAnswer {
  status: number;
  headers: Headers;
  body: string;
}

/**
 * Asks an authorization server: no redirect is followed (a token request must reach one host only), the whole answer
 * has a deadline and a size. Throws HttpFailure.
 */
export type HttpClient = (url: string, request: HttpRequest, limits?: Partial<HttpLimits>) => Promise<HttpAnswer>;

export interface HttpLimits {
  /** Milliseconds for the whole exchange. */
  deadline: number;
  /** Bytes of the answer's body. */
  size: number;
}

const defaults: HttpLimits = { deadline: 10_000, size: 512 * 1024 };

export function createHttpClient(): { http: HttpClient; close(): Promise<void> } {
  const agent = new Agent({ connect: patientConnector(), keepAliveTimeout: 4_000, connections: 64 });
  const unfollow = followRequests();
  const http: HttpClient = async (url, { method, headers = {}, body, maySend }, limits) => {
    const { deadline, size } = { ...defaults, ...limits };
    const { signal, met } = deadlineAfter(deadline);
    try {
      const answer = await request(url, {
        method,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'gatehouse', ...headers, ...lengthOf(body, maySend) },
        ...(body === undefined ? {} : { body: maySend ? guarded(body, maySend) : body }),
        dispatcher: agent,
        signal,
      });
      const received = toHeaders(answer.headers);
      return { status: answer.statusCode, headers: received, body: await readBody(answer.body, received, size) };
    } catch (error) {
      if (error instanceof HttpFailure) throw error;
      throw new HttpFailure(signal.aborted || isTimeout(error) ? 'timeout' : 'unreachable', { cause: error });
    } finally {
      met();
    }
  };
  const close = async (): Promise<void> => {
    await agent.destroy();
    unfollow();
  };
  return { http, close };
}

/** A body in pieces has no length of its own. */
function lengthOf(body: HttpRequest['body'], maySend: HttpRequest['maySend']): Record<string, string> {
  return maySend && body !== undefined ? { 'content-length': String(Buffer.byteLength(body)) } : {};
}

/** undici reads a body in pieces at the moment of writing it, which may be seconds after the request was made. */
function guarded(body: string | Buffer, maySend: () => boolean): Readable {
  return new Readable({
    read() {
      if (!maySend()) {
        this.destroy(new Error('the request is not wanted any longer'));
        return;
      }
      this.push(body);
      this.push(null);
    },
  });
}

/** A `100 Continue` that nobody asked for costs no code and no refresh token. */
function patientConnector(): buildConnector.connector {
  const connect = buildConnector({ timeout: 5_000 });
  return (target, callback) => {
    connect(target, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      // Each call has a deadline of its own.
      passOverInterimAnswers(socket, Number.POSITIVE_INFINITY);
      callback(null, socket);
    });
  };
}

/** Milliseconds by which a timer that comes so late says that the whole process was stopped. */
const stopped = 500;
/** Milliseconds in which a process that was stopped reads what arrived meanwhile. */
const afterStop = 1_000;

/**
 * A signal that comes after `ms`. A process that was stopped for longer finds its timers due before its sockets are read: the
 * answer may be there, and with it the only copy of new tokens.
 */
function deadlineAfter(ms: number): { signal: AbortSignal; met: () => void } {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const due = performance.now() + ms;
  let timer = setTimeout(() => {
    if (performance.now() - due < stopped) end();
    else timer = setTimeout(end, afterStop);
  }, ms);
  return { signal: controller.signal, met: () => clearTimeout(timer) };
}

function toHeaders(raw: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw))
    for (const each of Array.isArray(value) ? value : [value]) if (each !== undefined) headers.append(name, each);
  return headers;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).includes('TIMEOUT');
}
