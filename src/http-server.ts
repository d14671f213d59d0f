import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { OutgoingHttpHeader, OutgoingHttpHeaders, Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { problems, type ProblemCode } from './errors.js';

declare module 'http' {
  interface IncomingMessage {
    /** The caller waits for 100 Continue before it sends the body. It is sent when somebody begins to read. */
    expectsContinue?: boolean;
  }
}

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** An Express application, or anything built like one. */
export interface HttpApp {
  (req: IncomingMessage, res: ServerResponse): unknown;
  request: object;
  response: object;
}

export interface HttpServerOptions {
  /** Milliseconds for a request's header, counted from the connection or the first byte (15,000). */
  headersTimeoutMs?: number | undefined;
  /** Milliseconds without a byte while a request's body is on its way (60,000). A body as such may take any time. */
  bodyIdleTimeoutMs?: number | undefined;
  /** Milliseconds without a byte either way while an answer is awaited or streamed (330,000): above the upstream's limits. */
  idleTimeoutMs?: number | undefined;
  /** Milliseconds that a connection is kept between requests (65,000): above what load balancers keep theirs. */
  keepAliveTimeoutMs?: number | undefined;
  /** Connections at the same time (no limit). */
  maxConnections?: number | undefined;
}

export interface HttpServer {
  readonly server: Server;
  /**
   * Stops accepting, answers what still comes with `Connection: close`, and resolves when every connection is closed:
   * true when all finished by themselves, false when the rest was cut off after `graceMs`.
   */
  drain(graceMs: number): Promise<boolean>;
}

const maxHeaders = 200;
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

/**
 * The HTTP/1.1 server in front of the application: limits, and what is settled before any route is asked.
 *
 * Express gives every request and response the application's prototypes, and V8 drops what it has learned about an
 * object whose prototype changes: everything after that is slower, by up to a half. Here they are born with those
 * prototypes, so that Express's assignment changes nothing.
 */
export function createHttpServer(app: HttpApp, options: HttpServerOptions = {}): HttpServer {
  let draining = false;

  class AppRequest extends IncomingMessage {
    override _read(size: number): void {
      if (this.expectsContinue === true) sendContinue(this);
      super._read(size);
    }
  }
  class AppResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
      if (draining) this.shouldKeepAlive = false;
      return super.writeHead(status, reason as string, headers);
    }
  }
  adopt(AppRequest.prototype, app.request);
  adopt(AppResponse.prototype, app.response);
  app.request = AppRequest.prototype;
  app.response = AppResponse.prototype;

  const idleTimeoutMs = options.idleTimeoutMs ?? 330_000;
  const bodyIdleTimeoutMs = options.bodyIdleTimeoutMs ?? 60_000;
  const server = createServer({
    IncomingMessage: AppRequest,
    ServerResponse: AppResponse,
    maxHeaderSize: 16_384,
    headersTimeout: options.headersTimeoutMs ?? 15_000,
    requestTimeout: 0,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
    connectionsCheckingInterval: Math.min(5_000, options.headersTimeoutMs ?? 15_000),
    insecureHTTPParser: false,
    requireHostHeader: true,
  });
  server.timeout = idleTimeoutMs;
  server.maxHeadersCount = maxHeaders;
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;

  const serve = (req: IncomingMessage, res: ServerResponse): void => {
    const refusal = refusalOf(req);
    if (refusal !== undefined) {
      refuse(res, refusal);
      return;
    }
    if (hasBody(req)) {
      req.socket.setTimeout(bodyIdleTimeoutMs);
      req.once('end', () => req.socket.setTimeout(idleTimeoutMs));
    }
    app(req, res);
  };

  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', serve);
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    req.expectsContinue = true;
    awaitingContinue.set(req, res);
    // Whether the body comes after a final answer is the caller's choice, so that nothing may follow on this connection.
    res.shouldKeepAlive = false;
    serve(req, res);
  });
  server.on('checkExpectation', (_req: IncomingMessage, res: ServerResponse) => refuse(res, 'expectation_failed'));
  server.on('connect', (_req: IncomingMessage, socket: Duplex) => socket.end(rawProblem('method_not_allowed')));
  server.on('clientError', onClientError);

  return {
    server,
    drain(graceMs) {
      draining = true;
      return drained(server, sockets, graceMs);
    },
  };
}

/** Puts `prototype` in front of what the application had: its own members first, then the application's. */
function adopt(prototype: object, applications: object): void {
  Object.setPrototypeOf(prototype, applications);
}

const awaitingContinue = new WeakMap<IncomingMessage, ServerResponse>();

/** Somebody reads the body that the caller holds back. After the answer has begun it is too late to ask for it. */
function sendContinue(req: IncomingMessage): void {
  req.expectsContinue = false;
  const res = awaitingContinue.get(req);
  if (res === undefined || res.headersSent) return;
  res.writeContinue();
  res.shouldKeepAlive = req.headers.connection?.toLowerCase() !== 'close' && req.httpVersionMinor !== 0;
}

function hasBody(req: IncomingMessage): boolean {
  const { headers } = req;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** What no route is asked about; it also turns an absolute-form target into its path, since one authority is served. */
function refusalOf(req: IncomingMessage): ProblemCode | undefined {
  if (req.method === 'TRACE') return 'method_not_allowed';
  const { rawHeaders } = req;
  if (rawHeaders.length >= maxHeaders * 2 || countOfHost(rawHeaders) > 1) return 'invalid_request';
  const upgrade = req.headers.upgrade;
  // Ignoring an offer of HTTP/2 is an answer to it (RFC 9110 section 7.8); other protocols expect more than that.
  if (upgrade !== undefined && upgrade.toLowerCase() !== 'h2c') return 'invalid_request';
  const target = req.url ?? '';
  if (target.startsWith('/') || target === '*') return undefined;
  const path = /^https?:\/\/[^/?#]+(.*)$/i.exec(target)?.[1];
  if (path === undefined) return 'invalid_request';
  req.url = path.startsWith('/') ? path : `/${path}`;
  return undefined;
}

function countOfHost(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

function refuse(res: ServerResponse, code: ProblemCode): void {
  const body = problemBody(code);
  res.shouldKeepAlive = false;
  res.writeHead(problems[code].status, problemHeaders(code, body));
  res.end(body);
}

function problemBody(code: ProblemCode): string {
  const { status, title } = problems[code];
  return JSON.stringify({ type: `urn:gatehouse:problem:${code}`, title, status, code });
}

function problemHeaders(code: ProblemCode, body: string): Record<string, string> {
  return {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Gatehouse-Error': code,
    ...(code === 'method_not_allowed' ? { Allow: methods } : {}),
  };
}

/** The whole answer as text, for connections on which there is no response object. */
function rawProblem(code: ProblemCode, status = String(problems[code].status), reason = 'Refused'): string {
  const body = problemBody(code);
  const lines = Object.entries(problemHeaders(code, body)).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${reason}`, ...lines, 'Connection: close', '', body].join('\r\n');
}

/** Requests that are no HTTP, or too large, or too slow: a clean answer where none has begun, and the end. */
function onClientError(error: Error & { code?: string }, socket: Socket & { _httpMessage?: ServerResponse }): void {
  const begun = socket._httpMessage?.headersSent === true;
  if (!socket.writable || begun || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, reason] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431', 'Request Header Fields Too Large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408', 'Request Timeout']
        : ['400', 'Bad Request'];
  socket.end(rawProblem('invalid_request', status, reason), () => socket.destroy());
}

/** Milliseconds that idle connections get for one more request, so that none is cut off while it is on its way. */
const quietMs = 500;

async function drained(server: Server, sockets: ReadonlySet<Socket>, graceMs: number): Promise<boolean> {
  let cutOff = false;
  const closeQuiet = (): void => {
    server.closeIdleConnections();
    // Those that never said anything do not count as idle there.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
  await new Promise<void>((resolve) => {
    let sweep: NodeJS.Timeout | undefined;
    const quiet = setTimeout(() => (sweep = setInterval(closeQuiet, 50)), Math.min(quietMs, graceMs));
    const grace = setTimeout(() => {
      cutOff = true;
      server.closeAllConnections();
    }, graceMs);
    // Not the HTTP server's own close, which closes idle connections at once, with a request perhaps on its way.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(quiet);
      clearTimeout(grace);
      clearInterval(sweep);
      resolve();
    });
  });
  return !cutOff;
}
