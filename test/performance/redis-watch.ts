import { once } from 'node:events';
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
    async change(key) {
      for (;;) {
        const [, keys] = (await once(told, 'messageBuffer')) as [Buffer, Buffer[] | null];
        if (keys?.some((changed) => key.test(changed.toString())) === true) return;
      }
    },
    close() {
      for (const client of [told, asking, ...monitors]) client.disconnect();
    },
  };
}
