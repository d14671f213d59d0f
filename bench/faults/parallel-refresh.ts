import { setTimeout as pause } from 'node:timers/promises';
import { openStage, type Stage } from '../../test/store-faults/stage.js';
import { startRedis } from '../../test/world/redis.js';
import type { Answer } from '../../test/world/answer.js';
import { naivePath, startNaive } from './naive-stage.js';
import type { Row } from './row.js';

export interface RefreshCases {
  /** Seconds that the token endpoint takes. */
  delays: readonly number[];
  processes: readonly number[];
}

const lifetime = 1;

/** One expired token, 100 calls at once, refresh tokens that rotate and may not come twice; then 50 refusals by the API. */
export async function parallelRefresh({ delays, processes }: RefreshCases): Promise<Row[]> {
  const redis = await startRedis();
  const stage = await openStage({ redisUrl: redis.url, env: { LOG_LEVEL: 'error' } });
  const most = Math.max(...processes);
  const servers = await Promise.all(Array.from({ length: most }, () => stage.start()));
  const naive = await startNaive(stage, redis.url, most);
  const rows: Row[] = [];
  const { server } = stage;

  const ours = async (seconds: number) => {
    server.bend.token = { body: { expires_in: seconds } };
    const [first] = servers;
    if (!first) throw new Error('no process');
    const person = stage.person(first);
    await person.connect();
    return (at: number) => person.at(servers[at] ?? first).call();
  };
  const theirs = async (seconds: number) => {
    const browser = await naive.person(seconds);
    return (at: number) => browser.get(`http://127.0.0.1:${naive.ports[at] ?? 0}${naivePath}`);
  };

  for (const delay of delays)
    for (const count of processes) {
      const what = `an expired token, the token endpoint takes ${delay} s, processes: ${count}`;
      for (const [who, sign] of [['Gatehouse', ours] as const, ['naive', theirs] as const]) {
        const call = await sign(lifetime);
        await pause(lifetime * 1000 + 100);
        server.bend.token = { wait: delay * 1000 };
        rows.push(await atOnce(stage, { what: `${what}: ${who}`, calls: 100, call: (index) => call(index % count) }));
      }
    }
  for (const [who, sign] of [['Gatehouse', ours] as const, ['naive', theirs] as const]) {
    const call = await sign(3600);
    await call(0);
    server.grants.expireAccessTokens();
    server.bend.token = { wait: 100 };
    const what = `an unexpired token that the API refuses, two processes: ${who}`;
    rows.push(await atOnce(stage, { what, calls: 50, call: (index) => call(index % Math.min(2, most)) }));
  }
  naive.stop();
  await stage.close();
  await redis.stop();
  return rows;
}

interface Burst {
  what: string;
  calls: number;
  call: (index: number) => Promise<Answer>;
}

async function atOnce({ server: { calls: made } }: Stage, { what, calls, call }: Burst): Promise<Row> {
  const before = made.token;
  const times: number[] = [];
  const answers: Record<string, number> = {};
  const began = performance.now();
  await Promise.all(
    Array.from({ length: calls }, async (_, index) => {
      const { status } = await call(index);
      times.push(performance.now() - began);
      answers[status] = (answers[status] ?? 0) + 1;
    }),
  );
  const tokenCalls = made.token - before;
  const later = await call(0);
  return {
    what,
    load: `${calls} at once`,
    faults: 1,
    answers,
    longestMs: Math.max(...times),
    tokenCalls,
    connectionsLost: later.status === 200 ? 0 : 1,
    recoveryMs: undefined,
  };
}
