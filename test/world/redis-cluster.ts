import { eventually, freePorts, replicationArgs, startRedis, type RedisGroup, type RedisTls } from './redis.js';

export interface ClusterOptions {
  password?: string;
  /** The nodes speak TLS alone. */
  tls?: RedisTls;
}

/** Three masters with a replica each; a silent master is replaced after a second. */
export async function startCluster({ password, tls }: ClusterOptions = {}): Promise<RedisGroup> {
  const ports = await freePorts(12);
  const nodes = await Promise.all(
    ports.slice(0, 6).map((port, index) => {
      const cluster = [
        '--cluster-enabled',
        'yes',
        '--cluster-port',
        `${ports[index + 6]}`,
        '--cluster-node-timeout',
        '1000',
      ];
      const args = [...cluster, ...(tls ? ['--tls-cluster', 'yes'] : []), ...replicationArgs];
      return startRedis({ port, args, ...(password === undefined ? {} : { password }), ...(tls && { tls }) });
    }),
  );
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const [first] = nodes;
  await first?.cli('--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes');
  for (const node of nodes)
    await eventually(async () => (await node.cli('cluster', 'info')).includes('cluster_state:ok'));
  for (const node of nodes.slice(0, 3))
    await eventually(async () => (await node.cli('info', 'replication')).includes('state=online'));
  return {
    url: `redis${tls ? 's' : ''}+cluster://${password === undefined ? '' : `:${password}@`}${addresses.slice(0, 3).join(',')}`,
    nodes,
    sentinels: [],
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
