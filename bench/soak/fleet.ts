import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { startProcess, type ServerProcess } from '../../test/world/process.js';
import { withCollector } from './collector.js';

export interface Server {
  process: ServerProcess;
  /** The load's connections to it. */
  pool: Pool;
}

/** Real server processes and a load balancer that asks nobody: it sends to those in `serving`, each in turn. */
export interface Fleet {
  readonly serving: readonly Server[];
  next(): Server;
  /** SIGKILL to one, which the balancer learns when it is gone; another one takes its place. */
  kill(): Promise<void>;
  /** Every process is replaced by a new one; the balancer learns half a second late that the old one is going. */
  roll(): Promise<void>;
  /** One more process, to which nobody calls. */
  idle(): Promise<ServerProcess>;
  stop(): Promise<void>;
}

export async function startFleet(size: number, environment: Record<string, string>): Promise<Fleet> {
  const env = withCollector(environment);
  let serving: Server[] = [];
  let turn = 0;
  const join = async (): Promise<void> => {
    const process = await startProcess(env);
    // As many as calls may be under way: one that waited here could be sent to a process that is gone by then.
    const pool = new Pool(`http://127.0.0.1:${process.port}`, { connections: 256, pipelining: 1 });
    serving = [...serving, { process, pool }];
  };
  const leave = (gone: Server): void => {
    serving = serving.filter((each) => each !== gone);
  };
  while (serving.length < size) await join();
  return {
    get serving() {
      return serving;
    },
    next() {
      turn += 1;
      const server = serving[turn % serving.length];
      if (!server) throw new Error('no server is left');
      return server;
    },
    async kill() {
      const [victim] = serving;
      if (!victim) return;
      victim.process.child.kill('SIGKILL');
      await victim.process.exited;
      leave(victim);
      await victim.pool.destroy();
      await join();
    },
    async roll() {
      for (const old of serving) {
        await join();
        old.process.child.kill('SIGTERM');
        await pause(500);
        leave(old);
        await old.process.exited;
        await old.pool.destroy();
      }
    },
    idle: () => startProcess(env),
    async stop() {
      await Promise.all(
        serving.map(async ({ process, pool }) => {
          await pool.destroy();
          await process.stop(3_000);
        }),
      );
    },
  };
}
