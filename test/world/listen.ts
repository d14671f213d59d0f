import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  port: number;
  /** `http://127.0.0.1:port`, without a final slash. */
  origin: string;
  /** Ends every connection, also those in the middle of an answer. */
  close(): Promise<void>;
}

/** An HTTP server on a free port of the loopback interface. */
export async function listen(handler: RequestListener, port = 0): Promise<Listening> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    origin: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Ports below those that systems give to connections of their own (RFC 6335 section 6 and what Linux does). */
const [first, portsOfWorker, mostWorkers] = [11_000, 1_300, 16];
const worker = Number(process.env['JEST_WORKER_ID'] ?? 0) % mostWorkers;
let used = Math.floor(Math.random() * portsOfWorker);

/**
 * A port that was free a moment ago, for a process that has to be told its port. No port is named twice in a row, none that tests
 * beside these are given, and none that a connection under way could be given meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    used = (used + 1) % portsOfWorker;
    const nextPort = first + worker * portsOfWorker + used;
    const listening = await listen((_req: IncomingMessage, res: ServerResponse) => res.end(), nextPort).catch(inUse);
    if (!listening) continue;
    await listening.close();
    return listening.port;
  }
}

function inUse(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
  throw error;
}

/** The whole body of a request. */
export async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
