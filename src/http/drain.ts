import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

/** Milliseconds that idle connections get for one more request, so that none is cut off while it is on its way. */
const quietMs = 500;

/**
 * Stops accepting and resolves when every connection is closed: true when all finished by themselves, false when the
 * rest was cut off after `graceMs`. Whoever calls this sees to it that answers say `Connection: close` from now on.
 */
export async function drained(server: Server, sockets: ReadonlySet<Socket>, graceMs: number): Promise<boolean> {
  let cutOff = false;
  const closeQuiet = (): void => {
    // Counted as idle are also those whose caller reads its answer more slowly than it was written. While there is one, the
    // others may wait, too.
    if (![...sockets].some((socket) => socket.writableLength > 0)) server.closeIdleConnections();
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
