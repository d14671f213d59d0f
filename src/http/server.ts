import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { OutgoingHttpHeader, OutgoingHttpHeaders, Server } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { drained } from './drain.js';
import { serveInTurn } from './queue.js';
import { createRefusals, maxHeaders, refusalOf } from './refusal.js';

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
  /** Whether browsers come by TLS, wherever it ends. */
  https?: boolean | undefined;
  /** Milliseconds for a request's header, counted from the connection or the first byte (15,000). */
  headersTimeoutMs?: number | undefined;
  /** Milliseconds without a byte while a request's body is on its way (60,000). A body as such may take any time. */
  bodyIdleTimeoutMs?: number | undefined;
  /** Milliseconds that a body may still come after its answer is out (5,000). */
  lateBodyMs?: number | undefined;
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
   * Answers everything with `Connection: close` from now on and stops accepting after `acceptMs`: what arrives then on
   * connections that are kept is refused (shutting_down), so that a proxy in front can send it elsewhere. Resolves when every
   * connection is closed: true when all finished by themselves, false when the rest was cut off after `graceMs` more.
   */
  drain(graceMs: number, acceptMs?: number): Promise<boolean>;
}

/**
 * The HTTP/1.1 server in front of the application: limits, and what is settled before any route is asked.
 *
 * Express gives every request and response the application's prototypes, and V8 drops what it has learned about an
 * object whose prototype changes: everything after that is slower, by up to a half. Here they are born with those
 * prototypes, so that Express's assignment changes nothing.
 */
export function createHttpServer(app: HttpApp, options: HttpServerOptions = {}): HttpServer {
  let draining = false;
  let refusing = false;
  const { refuse, rawProblem, onClientError } = createRefusals(options.https === true);

  class AppRequest extends IncomingMessage {
    override _read(size: number): void {
      if (this.expectsContinue === true) sendContinue(this);
      super._read(size);
    }
  }
  class AppResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
      // A response that comes before its request is whole is the connection's last (RFC 9112 section 9.3).
      if (draining || (!this.req.complete && hasBody(this.req))) this.shouldKeepAlive = false;
      return super.writeHead(status, reason as string, headers);
    }
  }
  adopt(AppRequest.prototype, app.request);
  adopt(AppResponse.prototype, app.response);
  app.request = AppRequest.prototype;
  app.response = AppResponse.prototype;

  const idleTimeoutMs = options.idleTimeoutMs ?? 330_000;
  const bodyIdleTimeoutMs = options.bodyIdleTimeoutMs ?? 60_000;
  const lateBodyMs = options.lateBodyMs ?? 5_000;
  const server = createServer({
    IncomingMessage: AppRequest,
    ServerResponse: AppResponse,
    maxHeaderSize: 16_384,
    headersTimeout: options.headersTimeoutMs ?? 15_000,
    requestTimeout: 0,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
    connectionsCheckingInterval: Math.min(5_000, options.headersTimeoutMs ?? 15_000),
    insecureHTTPParser: false,
    // A request without Host is refused by refusalOf, whose answer carries our headers.
    requireHostHeader: false,
  });
  server.timeout = idleTimeoutMs;
  server.maxHeadersCount = maxHeaders;
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;

  const serve = (req: IncomingMessage, res: ServerResponse): void => {
    const refusal = refusing ? 'shutting_down' : refusalOf(req);
    if (refusal !== undefined) {
      refuse(res, refusal);
      return;
    }
    if (hasBody(req)) {
      req.socket.setTimeout(bodyIdleTimeoutMs);
      req.once('end', () => req.socket.setTimeout(idleTimeoutMs));
      res.once('prefinish', () => readOnBehindTheLast(req));
      res.once('finish', () => closeIfLate(req, lateBodyMs));
    }
    app(req, res);
  };

  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const arrive = (req: IncomingMessage, res: ServerResponse): void => {
    serveInTurn(req, res, () => serve(req, res));
  };
  server.on('request', arrive);
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    req.expectsContinue = true;
    awaitingContinue.set(req, res);
    arrive(req, res);
  });
  server.on('checkExpectation', arrive);
  server.on('connect', (_req: IncomingMessage, socket: Duplex) => socket.end(rawProblem('method_not_allowed')));
  server.on('clientError', onClientError);

  return {
    server,
    async drain(graceMs, acceptMs = 0) {
      draining = true;
      if (acceptMs > 0) await wait(acceptMs);
      refusing = true;
      return drained(server, sockets, graceMs);
    },
  };
}

/** Puts `prototype` in front of what the application had: its own members first, then the application's. */
function adopt(prototype: object, applications: object): void {
  Object.setPrototypeOf(prototype, applications);
}

const awaitingContinue = new WeakMap<IncomingMessage, ServerResponse>();

/** Somebody reads the body that the caller holds back. After the answer has begun it is too late to ask for it, and Node closes the connection after it. */
function sendContinue(req: IncomingMessage): void {
  req.expectsContinue = false;
  const res = awaitingContinue.get(req);
  if (res === undefined || res.headersSent) return;
  res.writeContinue();
}

/** The answer is out: who goes on sending its request, slowly, only holds a connection. */
function closeIfLate(req: IncomingMessage, limitMs: number): void {
  if (req.complete) return;
  const { socket } = req;
  const late = setTimeout(() => {
    if (!req.complete) socket.destroy();
  }, limitMs);
  socket.once('close', () => clearTimeout(late));
}

/**
 * Node.js closes a connection as soon as its last answer is out. Over bytes that nobody has read that is a reset, which may
 * take the answer with it: who still sends is told that nothing follows, and read to the end (RFC 9112 section 9.6).
 */
function readOnBehindTheLast(req: IncomingMessage): void {
  if (req.complete) return;
  const { socket } = req;
  socket.destroySoon = () => {
    if (req.complete) Socket.prototype.destroySoon.call(socket);
    else {
      socket.end();
      req.once('end', () => socket.destroy()).resume();
    }
  };
}

function hasBody(req: IncomingMessage): boolean {
  const { headers } = req;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
