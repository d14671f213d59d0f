import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** By connection, the answers that wait for those to its earlier requests. */
const queues = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Closes an answer that waits behind others of its connection when the connection ends. Node.js 20 closes the one alone whose
 * turn it is, 24 all of them; nobody else would ever tell the other calls that their caller is gone.
 */
export function closeWithConnection({ socket }: IncomingMessage, res: ServerResponse): void {
  if (res.socket !== null) return;
  const queue = queues.get(socket) ?? createQueue(socket);
  queue.add(res);
  res.once('socket', () => queue.delete(res));
}

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
