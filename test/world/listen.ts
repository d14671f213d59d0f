import { createServer } from 'node:http';
import { createServer as createNetServer, type Server as NetServer } from 'node:net';
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
const [firstPort, portsOfRegion, regions] = [11_000, 1_300, 16];
let region: Promise<number> | undefined;
let guard: NetServer | undefined;
let used = Math.floor(Math.random() * portsOfRegion);

/**
 * Claims a region of ports for this test file: it holds the region's first port until its tests end, so that no worker of
 * this run, nor of another run on this machine, uses the same ports.
 */
async function claimRegion(): Promise<number> {
  const start = Number(process.env['JEST_WORKER_ID'] ?? 0);
  for (let step = 0; step < regions; step += 1) {
    const candidate = firstPort + ((start + step) % regions) * portsOfRegion;
    const server = createNetServer((socket) => socket.destroy());
    const claimed = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(candidate, '127.0.0.1', () => resolve(true));
    });
    guard = claimed ? server : undefined;
    if (claimed) return candidate;
  }
  throw new Error(`All ${regions} regions of test ports are in use: end the other test runs on this machine.`);
}

/** Gives the region back. */
export async function releaseRegion(): Promise<void> {
  await region;
  const server = guard;
  [region, guard] = [undefined, undefined];
  if (server) await new Promise((resolve) => server.close(resolve));
}

/**
 * A port that was free a moment ago, for a process that has to be told its port. No port is named twice in a row, none that tests
 * beside these are given, and none that a connection under way could be given meanwhile.
 */
export async function freePort(): Promise<number> {
  const start = await (region ??= claimRegion());
  for (;;) {
    used = (used + 1) % (portsOfRegion - 1);
    const listening = await listen((_req: IncomingMessage, res: ServerResponse) => res.end(), start + 1 + used).catch(
      inUse,
    );
    if (!listening) continue;
    await listening.close();
    return listening.port;
  }
}

/** An error of Node's own is no instance of the Error that a test file knows. */
function inUse(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE') return undefined;
  throw error;
}

/** The whole body of a request. */
export async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
