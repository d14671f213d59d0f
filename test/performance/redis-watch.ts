import { Redis } from 'ioredis';
import { recordPrefix } from '../../src/store/keys.js';

export interface RedisWatch {
  /** What everybody tells Redis from now on, until it is asked for: `key` is the first one that a command names. */
  commands(): Promise<{ stop(): Promise<string[][]> }>;
  /** Resolves when Redis has told of the change of such a key to everybody who asked before this watch did. */
  change(key: RegExp): Promise<void>;
  close(): void;
}

/** Watches a Redis from outside, by what it says itself: MONITOR, and the reports of client-side caching. */
export async function watchRedis(url: string): Promise<RedisWatch> {
  const [told, asking] = [new Redis(url, { protocol: 2 }), new Redis(url)];
  const id = await told.client('ID');
  await told.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST', 'PREFIX', recordPrefix);
  await told.subscribe('__redis__:invalidate');
  const monitors: Redis[] = [];
  return {
    async commands() {
      const monitor = await asking.monitor();
      monitors.push(monitor);
      const seen: string[][] = [];
      monitor.on('monitor', (_time: string, args: string[]) => seen.push(args));
      return {
        async stop() {
          const marker = `end ${monitors.length}`;
          const ended = new Promise<void>((resolve) => {
            monitor.on('monitor', (_time: string, args: string[]) => args[1] === marker && resolve());
          });
          await asking.echo(marker);
          await ended;
          return seen.filter((args) => args[1] !== marker);
        },
      };
    },
    change: (key) =>
      new Promise((resolve) => {
        // Several reports may come in one turn of the event loop, and the first may be of another key.
        const listen = (_channel: Buffer, keys: unknown): void => {
          const changed = Array.isArray(keys) ? (keys as Buffer[]) : [];
          if (!changed.some((each) => key.test(each.toString()))) return;
          told.off('messageBuffer', listen);
          resolve();
        };
        told.on('messageBuffer', listen);
      }),
    close() {
      for (const client of [told, asking, ...monitors]) client.disconnect();
    },
  };
}
