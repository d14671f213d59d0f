import { Agent, request } from 'node:http';

export interface SteadyLoad {
  /** Answers so far: statuses, or the error code of a connection that broke. */
  outcomes: (number | string)[];
  /** Ends the load and resolves when the last answer is in. */
  stop(): Promise<(number | string)[]>;
}

/**
 * Calls one after another from several callers on kept connections, as a front end or a load balancer does. `ports` is
 * asked before each call, so that a process that is not ready any longer gets no more.
 */
export function steadyLoad(
  ports: () => readonly number[],
  { path, headers, callers = 8 }: { path: string; headers: Record<string, string>; callers?: number },
): SteadyLoad {
  const agent = new Agent({ keepAlive: true });
  const outcomes: (number | string)[] = [];
  let stopped = false;
  let turn = 0;

  const call = (port: number): Promise<number | string> =>
    new Promise((resolve) => {
      const outgoing = request({ host: '127.0.0.1', port, path, headers, agent });
      outgoing.once('error', (error: Error & { code?: string }) => resolve(error.code ?? error.name));
      outgoing.once('response', (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
        answer.once('error', () => resolve('cut off'));
      });
      outgoing.end();
    });
  const caller = async (): Promise<void> => {
    while (!stopped) {
      const open = ports();
      const port = open[turn++ % open.length];
      if (port !== undefined) outcomes.push(await call(port));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const all = Promise.all(Array.from({ length: callers }, caller));
  return {
    outcomes,
    stop: async () => {
      stopped = true;
      await all;
      agent.destroy();
      return outcomes;
    },
  };
}
