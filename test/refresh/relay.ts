import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Relay {
  url: string;
  /** The next thing that Redis says is thrown away, and the connection cut: what was asked is done, and nobody is told. */
  loseNextAnswer(): void;
  /** Nothing is passed on any longer, either way, and connections to Redis stay open: a network that is gone. */
  hold(): void;
  /** Passes on what is said from now on, and closes what was held. */
  letGo(): void;
  /** How many answers were lost. */
  lost(): number;
  close(): Promise<void>;
}

/** A way to a Redis on the loopback interface that can lose an answer. */
export async function startRelay(port: number): Promise<Relay> {
  let losing = false;
  let holding = false;
  let lost = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (holding) return;
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    near.on('data', (chunk) => {
      if (!holding) far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (holding) return;
      if (!losing) {
        near.write(chunk);
        return;
      }
      losing = false;
      lost++;
      near.destroy();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}/0`,
    loseNextAnswer: () => {
      losing = true;
    },
    hold: () => {
      holding = true;
    },
    letGo: () => {
      holding = false;
      for (const socket of sockets) socket.destroy();
    },
    lost: () => lost,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
