import { byStatus, longest } from '../../test/store-faults/load.js';
import { suffer, type Outage } from '../../test/store-faults/outage.js';
import { openStage, type Person } from '../../test/store-faults/stage.js';
import { startRedis, type RedisServer } from '../../test/world/redis.js';
import { startSentinel } from '../../test/world/redis-sentinel.js';
import { startCluster } from '../../test/world/redis-cluster.js';
import type { Row } from './row.js';

const rate = 200;
const journal = { args: ['--appendonly', 'yes', '--appendfsync', 'always'] };

/** Takes the store away under load, in every way, and gives it back. */
export async function outages(): Promise<Row[]> {
  const rows: Row[] = [];
  const single: Record<string, (redis: RedisServer) => Outage> = {
    'Redis killed, started again': (redis) => ({ inflict: () => redis.kill('SIGKILL'), heal: () => redis.restart() }),
    'Redis frozen for 3 s': (redis) => ({
      inflict: () => redis.kill('SIGSTOP'),
      heal: () => redis.kill('SIGCONT'),
      lastsMs: 3000,
    }),
  };
  for (const [what, outage] of Object.entries(single)) {
    const redis = await startRedis(journal);
    rows.push(await under(what, redis.url, 10, () => outage(redis)));
    await redis.stop();
  }
  const groups = [
    ['Sentinel: the master killed', startSentinel, 10],
    ['Cluster: a master killed', startCluster, 30],
  ] as const;
  for (const [what, start, people] of groups) {
    const group = await start();
    const [master] = group.nodes;
    if (master) rows.push(await under(what, group.url, people, () => ({ inflict: () => master.kill('SIGKILL') })));
    await group.stop();
  }
  return rows;
}

async function under(what: string, redisUrl: string, count: number, outage: () => Outage): Promise<Row> {
  const stage = await openStage({ redisUrl, env: { LOG_LEVEL: 'error' } });
  const server = await stage.start();
  const people: Person[] = Array.from({ length: count }, () => stage.person(server));
  for (const person of people) await person.connect();
  const before = stage.server.calls.token;
  const { seen, recoveryMs } = await suffer(server, people, outage(), rate);
  const lost = await Promise.all(people.map(async (person) => (await person.call()).status !== 200));
  const tokenCalls = stage.server.calls.token - before;
  await stage.close();
  return {
    what,
    load: `${rate}/s`,
    faults: 1,
    answers: byStatus(seen),
    longestMs: longest(seen),
    tokenCalls,
    connectionsLost: lost.filter(Boolean).length,
    recoveryMs,
  };
}
