import express from 'express';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import {
  connect,
  createServer as createNetServer,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { once } from 'node:events';
import { GatehouseError } from '../../src/errors.js';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../../src/http/server.js';
import {
  createForwarder,
  type ForwardCall,
  type Forwarder,
  type ForwarderOptions,
  type ForwardOutcome,
} from '../../src/proxy/forward.js';
import { upstreamPath } from '../../src/proxy/path.js';

const closers: (() => unknown)[] = [];

/** Ends everything that a test opened. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

function port(server: NetServer | Server): number {
  return (server.address() as AddressInfo).port;
}

export interface Upstream {
  url: URL;
  server: NetServer | Server;
  /** Every connection that was ever accepted. */
  sockets: Socket[];
}

async function listening(server: NetServer | Server, path: string): Promise<Upstream> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${port(server)}${path}`), server, sockets };
}

/** An API on node:http. */
export function upstream(handler: RequestListener, path = '/v1'): Promise<Upstream> {
  return listening(createServer(handler), path);
}

export interface RawUpstream extends Upstream {
  /** All bytes that arrived, over all connections. */
  received(): string;
  /** Resolves once the bytes that arrived hold this text. */
  until(text: string): Promise<void>;
}

/** An API on a bare socket: `answer` is asked with everything that one connection has received whenever more arrives. */
export async function rawUpstream(answer: (received: string, socket: Socket) => void): Promise<RawUpstream> {
  let all = '';
  const waiting = new Set<() => void>();
  const server = createNetServer((socket) => {
    let own = '';
    socket.on('data', (chunk) => {
      own += chunk.toString('latin1');
      all += chunk.toString('latin1');
      for (const check of waiting) check();
      answer(own, socket);
    });
  });
  const base = await listening(server, '/v1');
  return {
    ...base,
    received: () => all,
    until: (text) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!all.includes(text)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}

export interface Gateway {
  port: number;
  origin: string;
  http: HttpServer;
  forwarder: Forwarder;
  /** The call that a request for this path below the mount leads to. */
  call(below: string): ForwardCall;
  /** Outcomes of the calls so far, failures included, in order. */
  outcomes: (ForwardOutcome | GatehouseError)[];
  /** Resolves with the outcome of call number `count`, from 1. */
  outcome(count?: number): Promise<ForwardOutcome | GatehouseError>;
}

/** The forwarder behind the real HTTP server, mounted at /proxy/acme, with token `t1`. */
export async function gateway(
  baseUrl: URL,
  call: Partial<ForwardCall> = {},
  options: ForwarderOptions & HttpServerOptions = {},
): Promise<Gateway> {
  const forwarder = createForwarder(options);
  const outcomes: (ForwardOutcome | GatehouseError)[] = [];
  const waiting = new Set<() => void>();
  const callTo = (url: string): ForwardCall => ({
    providerId: 'acme',
    baseUrl,
    path: upstreamPath(url, '/proxy/acme', baseUrl.pathname),
    publicPrefix: '/proxy/acme',
    headers: [],
    forwardRequestHeaders: new Set(),
    authorization: 'Bearer t1',
    redirectHosts: [],
    cache: 'no-store',
    authFailureStatus: [401],
    parties: ['session 1'],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    ...call,
  });
  const app = express();
  app.disable('x-powered-by');
  app.use((req, res) => {
    forwarder.forward(req, res, callTo(req.url), (error, outcome) => {
      if (outcome) outcomes.push(outcome);
      else {
        if (!(error instanceof GatehouseError)) throw error;
        outcomes.push(error);
        res.status(error.status).set('X-Gatehouse-Error', error.code).json({ code: error.code });
      }
      for (const check of waiting) check();
    });
  });
  const http = createHttpServer(app, options);
  http.server.listen(0, '127.0.0.1');
  await once(http.server, 'listening');
  closers.push(async () => {
    http.server.closeAllConnections();
    http.server.close();
    await forwarder.close();
  });
  return {
    port: port(http.server),
    origin: `http://127.0.0.1:${port(http.server)}`,
    http,
    forwarder,
    call: (below) => callTo(`/proxy/acme${below}`),
    outcomes,
    outcome: (count = 1) =>
      new Promise((resolve) => {
        const check = (): void => {
          const outcome = outcomes[count - 1];
          if (outcome === undefined) return;
          waiting.delete(check);
          resolve(outcome);
        };
        waiting.add(check);
        check();
      }),
  };
}

export interface RawClient {
  socket: Socket;
  /** Everything received so far. */
  text(): string;
  until(text: string): Promise<string>;
  /** Resolves with everything, and whether the connection was reset, when it is closed. */
  closed: Promise<{ text: string; reset: boolean }>;
}

/** A caller on a bare socket, so that the bytes are exactly these. */
export function rawClient(toPort: number, bytes: string): RawClient {
  const socket = connect(toPort, '127.0.0.1');
  let text = '';
  let reset = false;
  const waiting = new Set<() => void>();
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (const check of waiting) check();
  });
  socket.on('error', () => (reset = true));
  // A reset right after the last bytes is reported as an end, but of a connection that is gone.
  socket.on('end', () => (reset ||= socket.remoteAddress === undefined));
  closers.push(() => socket.destroy());
  socket.write(bytes, 'latin1');
  return {
    socket,
    text: () => text,
    until: (wanted) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!text.includes(wanted)) return;
          waiting.delete(check);
          resolve(text);
        };
        waiting.add(check);
        check();
      }),
    closed: new Promise((resolve) => socket.on('close', () => resolve({ text, reset }))),
  };
}

/** Sends one request that asks for the connection to be closed, and returns the whole answer. */
export async function exchange(toPort: number, bytes: string): Promise<string> {
  return (await rawClient(toPort, bytes).closed).text;
}

export async function bodyOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Resolves when the socket is closed; the milliseconds that took. */
export async function closing(socket: Socket): Promise<number> {
  const from = performance.now();
  if (!socket.destroyed) await once(socket, 'close');
  return performance.now() - from;
}
