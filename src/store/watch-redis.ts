import { Cluster } from 'ioredis';
import type { Log } from '../log.js';
import type { RedisClient } from './redis-client.js';
import { failureCode } from './redis-failure.js';
import type { RedisState } from './redis-state.js';

/** Tells the state what happens to the connection. */
export function watchRedis(client: RedisClient, state: RedisState, log: Log): void {
  client.on('ready', () => state.ready());
  client.on('close', () => state.failed('CLOSED'));
  client.on('error', (error: unknown) => {
    const code = failureCode(error);
    state.failed(code);
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
