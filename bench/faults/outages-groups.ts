import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Outage } from '../../test/store-faults/outage.js';
import { startCluster } from '../../test/world/redis-cluster.js';
import { startSentinel } from '../../test/world/redis-sentinel.js';
import { eventually, type RedisGroup, type RedisServer } from '../../test/world/redis.js';
import type { StoreFault } from './outages-under.js';

const run = promisify(execFile);

/** A group with something done to its first master. */
function group(
  start: () => Promise<RedisGroup>,
  people: number,
  prepare: (group: RedisGroup, master: RedisServer) => Outage,
): StoreFault {
  return async () => {
    const started = await start();
    const [master] = started.nodes;
    if (!master) throw new Error('a group has nodes');
    return {
      redisUrl: started.url,
      people,
      outage: () => prepare(started, master),
      close: () => started.stop(),
    };
  };
}

const sentinel = (prepare: (group: RedisGroup, master: RedisServer) => Outage) => group(startSentinel, 10, prepare);
const cluster = (prepare: (group: RedisGroup, master: RedisServer) => Outage) => group(startCluster, 30, prepare);
const killed = (_group: RedisGroup, master: RedisServer): Outage => ({ inflict: () => master.kill('SIGKILL') });
const frozen = (_group: RedisGroup, master: RedisServer): Outage => ({ inflict: () => master.kill('SIGSTOP') });

export const openGroups: Record<string, StoreFault> = {
  'Sentinel: the master killed': sentinel(killed),
  'Sentinel: the master killed, one sentinel hanging': sentinel(({ sentinels }, master) => ({
    inflict: () => {
      sentinels[0]?.kill('SIGSTOP');
      return master.kill('SIGKILL');
    },
  })),
  'Sentinel: the master frozen': sentinel(frozen),
  'Sentinel: a failover ordered, the old master becomes a replica': sentinel(({ url }, master) => ({
    inflict: async () => {
      await run('redis-cli', ['-p', /:(\d+)\/main$/.exec(url)?.[1] ?? '', 'sentinel', 'failover', 'main']);
      await eventually(async () => (await master.cli('role')).startsWith('slave'), 30_000);
    },
    mayPass: true,
  })),
  'Sentinel: all sentinels gone, the master lives': sentinel(({ sentinels }) => ({
    inflict: () => {
      sentinels.forEach((each) => each.kill('SIGKILL'));
    },
    mayPass: true,
    lastsMs: 3000,
  })),
  'Cluster: a master killed': cluster(killed),
  'Cluster: a master frozen': cluster(frozen),
  'Cluster: a third of the slots moved': cluster(({ nodes: [, other] }, master) => ({
    inflict: async () => {
      const [from, to] = [await master.cli('cluster', 'myid'), (await other?.cli('cluster', 'myid')) ?? ''];
      const ends = ['--cluster-from', from, '--cluster-to', to];
      const how = ['--cluster-slots', '5461', '--cluster-yes', '--cluster-pipeline', '100'];
      await master.cli('--cluster', 'reshard', `127.0.0.1:${master.port}`, ...ends, ...how);
    },
    mayPass: true,
  })),
};
