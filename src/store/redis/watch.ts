import { Cluster } from 'ioredis';
import type { Log } from '../../log/log.js';
import type { RedisClient } from './client.js';
import { failureCode, isConnectionLoss } from './failure.js';
import type { RedisState } from './state.js';

/** Milliseconds between two questions for the cause of connections that are closed. */
const askAgainMs = 5_000;

interface Watched {
  log: Log;
  /** Finds out why the client closes connections, where that can be found out. */
  cause: () => Promise<string | undefined>;
  /** Whether Redis owes no answer. */
  isResting: () => boolean;
}

/** Notes in the state what happens to the connection. */
export function watchRedis(client: RedisClient, state: RedisState, { log, cause, isResting }: Watched): void {
  let resting = false;
  let askedAt = -askAgainMs;
  const explain = async (): Promise<void> => {
    if (performance.now() - askedAt < askAgainMs) return;
    askedAt = performance.now();
    const code = await cause();
    if (code !== undefined && state.status() !== 'ready') state.failed(code);
  };
  client.on('ready', () => state.ready());
  client.on('close', () => {
    if (state.status() === 'ready' && isResting()) state.rested();
    // A connection that closes after its error, which has been noted, adds nothing.
    else if (!resting) state.failed('CLOSED');
    resting = false;
  });
  client.on('error', (error: unknown) => {
    const code = failureCode(error);
    if (state.status() === 'ready' && isResting() && isConnectionLoss(error)) {
      resting = true;
      state.rested();
      return;
    }
    state.failed(code);
    if (code === 'CLOSED') void explain();
    // The client would go on in database 0, where somebody else's keys may live.
    if (code === 'DBINDEX') client.disconnect(true);
  });
  if (client instanceof Cluster) watchNodes(client, log);
}

/** Logs a node of a cluster once when it fails, and again only after it was well. */
function watchNodes(cluster: Cluster, log: Log): void {
  const failing = new Set<string>();
  cluster.on('node error', (error: unknown, node: string) => {
    if (!failing.has(node)) log.warn('store.node_lost', { node, code: failureCode(error) });
    failing.add(node);
  });
  cluster.on(
    '+node',
    (node: { options: { host?: string; port?: number }; once(event: 'ready', done: () => void): void }) => {
      node.once('ready', () => failing.delete(`${node.options.host ?? ''}:${node.options.port ?? ''}`));
    },
  );
}
