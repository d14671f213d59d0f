import { Readable } from 'node:stream';
import { request, type Dispatcher } from 'undici';
import { createDispatcher, type DispatcherOptions, type ProxySettings } from './dispatcher.js';
import { HttpFailure } from './failure.js';
import { followRequests, passOverInterimAnswers } from './interim-responses.js';
import { readBody } from './read-response.js';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Presented to the server, over connections of its own. */
  certificate?: ClientTls | undefined;
  /** Asked when the connection stands and the body is about to leave; false: it does not leave. */
  maySend?: () => boolean;
}

/** A client's certificate and private key, as PEM. One object is one identity. */
export interface ClientTls {
  cert: string;
  key: string;
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

export interface HttpClientOptions {
  /** Connections to one origin at a time; null: as many as there are requests. */
  connections?: number | null;
  proxies?: ProxySettings | undefined;
  /** See `DispatcherOptions`. */
  isVariableHost?: DispatcherOptions['isVariableHost'];
}

export interface OpenedHttpClient {
  http: HttpClient;
  close(): Promise<void>;
}

export function createHttpClient({
  connections = 64,
  proxies,
  isVariableHost,
}: HttpClientOptions = {}): OpenedHttpClient {
  const open = (tls?: ClientTls): Dispatcher =>
    createDispatcher({
      connections,
      keepAliveTimeout: 4_000,
      maxHeaderSize: 16_384,
      connectTimeoutMs: 5_000,
      tls,
      proxies,
      isVariableHost,
      // A `100 Continue` that the server sends unasked costs no code and no refresh token. Each call has a deadline of its own.
      prepare: (socket, use) => {
        passOverInterimAnswers(socket, Number.POSITIVE_INFINITY);
        use();
      },
    });
  const dispatchers = new Map<ClientTls | undefined, Dispatcher>([[undefined, open()]]);
  const dispatcherOf = (certificate: ClientTls | undefined): Dispatcher => {
    const known = dispatchers.get(certificate) ?? open(certificate);
    dispatchers.set(certificate, known);
    return known;
  };
  const unfollow = followRequests();
  const http: HttpClient = async (url, { method, headers = {}, body, maySend, certificate }, limits) => {
    const { deadline, size } = { ...defaults, ...limits };
    const { signal, met } = deadlineAfter(deadline);
    try {
      const response = await request(url, {
        method,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'gatehouse', ...headers, ...lengthOf(body, maySend) },
        ...(body === undefined ? {} : { body: maySend ? guarded(body, maySend) : body }),
        dispatcher: dispatcherOf(certificate),
        signal,
      });
      const received = toHeaders(response.headers);
      return { status: response.statusCode, headers: received, body: await readBody(response.body, received, size) };
    } catch (error) {
      if (error instanceof HttpFailure) throw error;
      throw new HttpFailure(signal.aborted || isTimeout(error) ? 'timeout' : 'unreachable', { cause: error });
    } finally {
      met();
    }
  };
  const close = async (): Promise<void> => {
    await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
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

/** The connections of the server's own requests, in groups of which none waits for another. */
export interface HttpClients {
  /** For the token endpoints: as many connections as there are requests, so that none waits at all. */
  tokens: HttpClient;
  revocations: HttpClient;
  /** For calls to the providers' APIs that pages and checks make. */
  apiHttp: HttpClient;
  /** For metadata, keys and accounts while a person signs in, and for webhooks. */
  http: HttpClient;
  close(): Promise<void>;
}

export function createHttpClients(ways: Pick<HttpClientOptions, 'proxies' | 'isVariableHost'>): HttpClients {
  const tokens = createHttpClient({ connections: null, ...ways });
  const revocations = createHttpClient(ways);
  const api = createHttpClient({ connections: 256, ...ways });
  const others = createHttpClient(ways);
  return {
    tokens: tokens.http,
    revocations: revocations.http,
    apiHttp: api.http,
    http: others.http,
    close: async () => {
      await Promise.all([tokens, revocations, api, others].map((client) => client.close()));
    },
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
