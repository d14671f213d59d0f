import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  endRedis,
  eventually,
  freePorts,
  launchRedis,
  replicationArgs,
  startRedis,
  type RedisGroup,
  type RedisTls,
} from './redis.js';

const run = promisify(execFile);

export interface SentinelOptions {
  password?: string;
  /** The sentinels' own. */
  sentinelPassword?: string;
  /** All of them, sentinels too, speak TLS alone. */
  tls?: RedisTls;
}

/** One master, two replicas and three sentinels that agree on a failover after half a second of silence. */
export async function startSentinel({
  password = '',
  sentinelPassword = '',
  tls,
}: SentinelOptions = {}): Promise<RedisGroup> {
  const secret = { ...(password === '' ? {} : { password }), ...(tls && { tls }) };
  const master = await startRedis({ ...secret, args: replicationArgs });
  const follow = ['--replicaof', '127.0.0.1', `${master.port}`, ...replicationArgs];
  const replicas = await Promise.all([1, 2].map(() => startRedis({ ...secret, args: follow })));
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-sentinel-'));
  const ports = await freePorts(3);
  const sentinels = await Promise.all(
    ports.map((port) => {
      const file = join(directory, `${port}.conf`);
      const lines = [
        ...(tls ? tlsLines(port, tls) : [`port ${port}`]),
        'bind 127.0.0.1',
        `dir ${directory}`,
        `sentinel monitor main 127.0.0.1 ${master.port} 2`,
        'sentinel down-after-milliseconds main 500',
        'sentinel failover-timeout main 1500',
        ...(password === '' ? [] : [`sentinel auth-pass main ${password}`]),
        ...(sentinelPassword === ''
          ? []
          : [`requirepass ${sentinelPassword}`, `sentinel sentinel-pass ${sentinelPassword}`]),
      ];
      writeFileSync(file, lines.join('\n'));
      return launchRedis([file, '--sentinel']);
    }),
  );
  const auth = [
    ...(sentinelPassword === '' ? [] : ['-a', sentinelPassword, '--no-auth-warning']),
    ...(tls ? ['--tls', '--cacert', tls.caFile] : []),
  ];
  for (const port of ports)
    await eventually(async () => {
      const { stdout } = await run('redis-cli', ['-p', `${port}`, ...auth, 'sentinel', 'master', 'main']);
      return stdout.includes('num-slaves\n2\n') && stdout.includes('num-other-sentinels\n2\n');
    });
  const credentials = password === '' ? '' : `:${password}@`;
  return {
    url: `redis${tls ? 's' : ''}+sentinel://${credentials}${ports.map((port) => `127.0.0.1:${port}`).join(',')}/main`,
    nodes: [master, ...replicas],
    sentinels,
    async stop() {
      await Promise.all(sentinels.map(endRedis));
      await Promise.all([master, ...replicas].map((node) => node.stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function tlsLines(port: number, { caFile, certFile, keyFile }: RedisTls): string[] {
  const files = [`tls-ca-cert-file ${caFile}`, `tls-cert-file ${certFile}`, `tls-key-file ${keyFile}`];
  return ['port 0', `tls-port ${port}`, 'tls-auth-clients no', 'tls-replication yes', ...files];
}
