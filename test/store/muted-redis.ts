import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

export interface MutedRedis {
  url: string;
  /** From now on nothing that the server says on connections of this name arrives; they stay open. */
  mute(): void;
  /** Answers arrive again; what was not said meanwhile stays unsaid. */
  unmute(): void;
  /** Closes the connections of this name, now and whenever one is made again. */
  cut(): void;
  close(): Promise<void>;
}

/** A way to a Redis on which the connections that call themselves `name` can fall silent. */
export async function startMutedRedis(port: number, name: string): Promise<MutedRedis> {
  const sockets = new Set<Socket>();
  const namedSockets = new Set<Socket>();
  let muted = false;
  let isCut = false;
  const server = createServer((caller) => {
    const redis = connect(port, '127.0.0.1');
    let named = false;
    for (const socket of [caller, redis]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => [caller, redis].forEach((each) => each.destroy()));
    }
    caller.on('data', (chunk) => {
      named ||= chunk.includes(name);
      if (named) namedSockets.add(caller);
      if (named && isCut) caller.destroy();
      redis.write(chunk);
    });
    redis.on('data', (chunk) => {
      if (!(muted && named)) caller.write(chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}/0`,
    mute: () => (muted = true),
    unmute: () => (muted = false),
    cut() {
      isCut = true;
      namedSockets.forEach((socket) => socket.destroy());
    },
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
