import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isSafeMethod } from './methods.js';

/** By connection, the responses that wait for those to its earlier requests. */
const queues = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Serves a request in its turn. Requests that are sent one right after the other are worked on side by side where all of them
 * are safe, and otherwise one after the other (RFC 9112 section 9.3.2).
 */
export function serveInTurn(req: IncomingMessage, res: ServerResponse, serve: () => void): void {
  if (res.socket !== null) {
    serve();
    return;
  }
  const { socket } = req;
  const queue = queues.get(socket) ?? createQueue(socket);
  const isSide = isSafeMethod(req.method) && isSafeMethod(current(socket)) && [...queue].every(hasSafeMethod);
  queue.add(res);
  res.once('socket', () => {
    queue.delete(res);
    if (!isSide) serve();
  });
  if (isSide) serve();
}

/** The method of the request whose response is being sent. */
function current(socket: Socket & { _httpMessage?: ServerResponse | null }): string | undefined {
  return socket._httpMessage?.req.method;
}

function hasSafeMethod({ req }: ServerResponse): boolean {
  return isSafeMethod(req.method);
}

/**
 * A response that waits behind others is closed when the connection ends. Node.js 20 closes the one alone whose turn it is, 24
 * all of them; without that the other calls never see that their caller is gone.
 */
function createQueue(socket: Socket): Set<ServerResponse> {
  const queue = new Set<ServerResponse>();
  queues.set(socket, queue);
  socket.once('close', () => {
    for (const res of queue) close(res);
  });
  return queue;
}

function close(res: ServerResponse): void {
  if (res.destroyed) return;
  res.destroy();
  res.emit('close');
}
