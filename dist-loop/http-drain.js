import { Server as NetServer } from 'node:net';
/** Milliseconds that idle connections get for one more request, so that none is cut off while it is on its way. */
const quietMs = 500;
/**
 * Stops accepting and resolves when every connection is closed: true when all finished by themselves, false when the
 * rest was cut off after `graceMs`. Whoever calls this sees to it that answers say `Connection: close` from now on.
 */
export async function drained(server, sockets, graceMs) {
    let cutOff = false;
    const closeQuiet = () => {
        server.closeIdleConnections();
        // Those that never said anything do not count as idle there.
        for (const socket of sockets)
            if (socket.bytesRead === 0)
                socket.destroy();
    };
    await new Promise((resolve) => {
        let sweep;
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
