import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire to a server on this machine, whose answers can be held up. */
export interface SlowWire {
  port: number;
  /** Milliseconds that every answer is held up from now on. */
  delay(ms: number): void;
  close(): void;
}

export async function openSlowWire(toPort: number): Promise<SlowWire> {
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const wire = createServer((near) => {
    const far = connect(toPort, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
    near.pipe(far);
    // In the order of their arrival, also when they are held up for less than those before.
    const held: Buffer[] = [];
    let free = 0;
    far.on('data', (bytes: Buffer) => {
      held.push(bytes);
      free = Math.max(free, performance.now() + delayMs);
      setTimeout(() => {
        const first = held.shift();
        if (first && near.writable) near.write(first);
      }, free - performance.now());
    });
  }).listen(0, '127.0.0.1');
  await once(wire, 'listening');
  return {
    port: (wire.address() as AddressInfo).port,
    delay: (ms) => {
      delayMs = ms;
    },
    close: () => {
      wire.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
