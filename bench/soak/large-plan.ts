import { count, halfLoad, type Figures } from './figures.js';

const [sessions, masters, inUse, apart, life] = [10_000_000, 6, 200_000, 10, 3_540];

/** The sums for ten million sessions, a fiftieth of them in use at a time: for docs/load.md. */
export function largePlan({ bytesPerSession, asking, redis }: Figures): string {
  const gigabytes = (sessions * bytesPerSession) / 1e9;
  const held = gigabytes * 1.25;
  const each = held / masters;
  const machine = Math.ceil((each * 2) / 5) * 5;

  const calls = inUse / apart;
  const moves = inUse / 60;
  const refreshes = inUse / life;
  const move = redis.firstCall - redis.nextCall;
  const signs = redis.signIn + redis.logout;
  const [ofCalls, ofMoves, ofRefreshes, ofSigns] = [
    calls * redis.nextCall,
    moves * move,
    refreshes * redis.refresh,
    10 * signs,
  ].map((microseconds) => microseconds / 1000) as [number, number, number, number];
  const busy = (ofCalls + ofMoves + ofRefreshes + ofSigns) / 1000;
  const strayed = (calls * move) / 1_000_000;
  const needed = Math.ceil(calls / halfLoad(asking));
  const processes = needed + 2;
  const toRedis = processes * (masters + 1);

  const sum = (lines: readonly (readonly [string, string])[]): string => {
    const width = Math.max(...lines.map(([left]) => left.length));
    return ['```text', ...lines.map(([left, right]) => `${left.padEnd(width)}  ${right}`), '```'].join('\n');
  };
  const costs = (what: string, cost: number, total: number): readonly [string, string] => [
    what,
    `${count(cost).padStart(5)} µs each = ${count(total).padStart(5)} ms of Redis CPU a second`,
  ];
  return [
    'Assumptions: one connection each, with a token of 1 KB. One session in fifty is in use at a time (200,000), and each makes a call every ten seconds. Access tokens live for an hour. ' +
      'A load balancer keeps each session at one process.',
    '**Memory.**',
    sum([
      [`${count(sessions)} × ${count(bytesPerSession)} bytes`, `= ${gigabytes.toFixed(1)} GB of records`],
      ['× 1.25 for fragmentation and buffers', `= ${held.toFixed(1)} GB`],
      [`/ ${masters} masters`, `= ${each.toFixed(1)} GB each; maxmemory ${Math.ceil(each * 1.2)} GB, noeviction`],
      [
        '× 2 while a journal is rewritten and pages are copied',
        `= ${(each * 2).toFixed(1)} GB: machines of ${machine} GB`,
      ],
      ['× 2 with a replica for each master', `= ${masters * 2} machines, ${masters * 2 * machine} GB in all`],
    ]),
    '**Commands.** In a cluster no process remembers records, because each node reports only its own changes, and Gatehouse does not follow them. Every call asks once.',
    sum([
      costs(`${count(inUse)} sessions / ${apart} s = ${count(calls)} calls/s`, redis.nextCall, ofCalls),
      costs(`${count(inUse)} / 60 s = ${count(moves)} idle limits moved/s`, move, ofMoves),
      costs(`${count(inUse)} / ${count(life)} s = ${count(refreshes)} refreshes/s`, redis.refresh, ofRefreshes),
      costs('ten sign-ins and logouts/s', signs, ofSigns),
      ['in all', `${busy.toFixed(2)} s of CPU a second`],
    ]),
    `Over ${masters} masters that is ${(busy / masters).toFixed(2)} of a core each; a master that replaces a second one has ${((busy / masters) * 2).toFixed(2)}. The number of masters follows from memory. ` +
      `If the load balancer does not keep sessions at one process, each of the six calls a minute may meet another process and move the idle limit again: ${count(calls)} × ${count(move)} µs = ${strayed.toFixed(1)} s instead of ` +
      `${(ofMoves / 1000).toFixed(1)} s, ${((busy + strayed - ofMoves / 1000) / masters).toFixed(2)} of a core each${(busy + strayed - ofMoves / 1000) / masters > 0.4 ? ': then use twelve masters of half the size' : ''}.`,
    `**Processes.** A call that asks Redis costs ${asking} µs: ${count(1_000_000 / asking)} a second and core, ${count(halfLoad(asking))} at half load. ${count(calls)} / ${count(halfLoad(asking))} = ${needed}; with one more for ` +
      `a rolling restart and one for a machine that dies: **${processes} processes** of one core and 512 MB.`,
    `**Connections to Redis.** A process holds one for commands to each master, and one that reports changes of the cluster. It holds no tracking connection, because it remembers nothing: ` +
      `${processes} × (${masters} + 1) = ${toRedis}. With a single Redis or Sentinel a process holds two: one for commands, and the channel that reports changes.`,
    `**Network.** Redis: ${count(calls)} × 2 KB = ${count((calls * 2) / 1000)} MB/s over ${masters} masters, ${count((calls * 2) / 1000 / masters)} MB/s each; the writes go once more to the replicas. Callers and APIs: ` +
      `${count(calls)} × (2 KB and the response); with responses of 10 KB ${count((calls * 12) / 1000)} MB/s in and as much out, over ${processes} processes, ${count((calls * 12) / 1000 / processes)} MB/s each way.`,
    `**What a dying machine costs.** With \`appendfsync everysec\` the last second may be lost. The people of its ${count(refreshes)} refreshes connect again if the provider ends a grant for a refresh token that ` +
      'comes twice. `always` loses none and costs each write the disk’s flush. Measure it (`redis-cli --latency`), or let `min-replicas-to-write 1` replace part of it. ' +
      `Redis rewrites the journal when it has doubled: 3 × ${each.toFixed(0)} GB of disk for each master.`,
  ].join('\n\n');
}
