import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { byStatus, longest, startLoad, type Load } from '../../test/store-faults/load.js';
import { openStage, type Person, type Stage } from '../../test/store-faults/stage.js';
import type { ServerProcess } from '../../test/world/process.js';
import { startRedis } from '../../test/world/redis.js';
import { naivePath, startNaive } from './naive-stage.js';
import type { Row } from './row.js';

const rate = 200;

/** Processes are ended and replaced under load: SIGTERM, a rolling restart, and one that brings new keys. */
export async function replacing(people = 10): Promise<Row[]> {
  const rows: Row[] = [];
  for (const how of [terminated, rolled, rekeyed]) {
    const redis = await startRedis();
    const stage = await openStage({ redisUrl: redis.url, env: { LOG_LEVEL: 'info' } });
    rows.push(...(await how(stage, redis.url, people)));
    await stage.close();
    await redis.stop();
  }
  return rows;
}

/** A load balancer that asks nobody: it sends to those that are in `serving`, and learns a moment late that one is going. */
interface Balancer {
  serving: ServerProcess[];
  readonly port: number;
}

function balancer(serving: ServerProcess[]): Balancer {
  let turn = 0;
  return {
    serving,
    get port() {
      turn += 1;
      return this.serving[turn % this.serving.length]?.port ?? 0;
    },
  };
}

async function connected(stage: Stage, at: ServerProcess, count: number): Promise<Person[]> {
  const people = Array.from({ length: count }, () => stage.person(at));
  for (const person of people) await person.connect();
  return people;
}

/** SIGTERM; the balancer notices half a second later. */
async function retire(old: ServerProcess, balance: Balancer): Promise<{ clean: boolean; ms: number }> {
  const began = performance.now();
  old.child.kill('SIGTERM');
  await old.line(/server\.stopping/);
  await pause(500);
  balance.serving = balance.serving.filter((each) => each !== old);
  const { code } = await old.exited;
  return { clean: code === 0, ms: performance.now() - began };
}

async function row(
  stage: Stage,
  what: string,
  {
    load,
    people,
    tokenCalls,
    faults,
    at,
  }: {
    load: Load;
    people: readonly Person[];
    tokenCalls: number;
    faults: number;
    at: ServerProcess;
  },
): Promise<Row> {
  const seen = await load.stop();
  const refreshes = stage.server.calls.token - tokenCalls;
  const lost = await Promise.all(people.map(async (person) => (await person.at(at).call()).status !== 200));
  const bad = seen.filter(({ status }) => status !== 200);
  return {
    what,
    load: `${rate}/s`,
    faults,
    answers: byStatus(seen),
    longestMs: longest(seen),
    tokenCalls: refreshes,
    connectionsLost: lost.filter(Boolean).length,
    recoveryMs: bad.length === 0 ? 0 : undefined,
  };
}

async function terminated(stage: Stage, redisUrl: string, count: number): Promise<Row[]> {
  const [first, second] = [await stage.start(), await stage.start()];
  const people = await connected(stage, first, count);
  const balance = balancer([first, second]);
  const tokenCalls = stage.server.calls.token;
  const load = startLoad(balance, people, rate);
  await pause(1000);
  const { clean, ms } = await retire(first, balance);
  await pause(500);
  const what = `SIGTERM to one of two processes (exit ${clean ? '0' : 'not 0'} after ${Math.round(ms)} ms): Gatehouse`;
  const ours = await row(stage, what, { load, people, tokenCalls, faults: 1, at: second });

  const naive = await startNaive(stage, redisUrl, 2);
  const browser = await naive.person(3600);
  const ports = [...naive.ports];
  let turn = 0;
  const theirs = startLoad(
    {
      get port() {
        return ports[turn++ % ports.length] ?? 0;
      },
    },
    [{ browser }],
    rate,
    [naivePath],
  );
  await pause(1000);
  naive.children[0]?.kill('SIGTERM');
  await pause(500);
  ports.shift();
  await pause(500);
  const seen = await theirs.stop();
  naive.stop();
  const other: Row = {
    what: 'SIGTERM to one of two processes: naive',
    load: `${rate}/s`,
    faults: 1,
    answers: byStatus(seen),
    longestMs: longest(seen),
    tokenCalls: 0,
    connectionsLost: 0,
    recoveryMs: undefined,
  };
  return [ours, other];
}

async function rolled(stage: Stage, _redisUrl: string, count: number): Promise<Row[]> {
  return [await roll(stage, 'rolling restart of two processes', count, {}, {})];
}

/** Both lists know both keys; only which is first changes. Afterwards the processes know the new ones alone. */
async function rekeyed(stage: Stage, _redisUrl: string, count: number): Promise<Row[]> {
  const secrets = [1, 2].map(() => randomBytes(32).toString('hex'));
  const keys = [1, 2].map((id) => `k${id}:${randomBytes(32).toString('base64')}`);
  const listed = (order: readonly string[], names: readonly string[]) => ({
    SESSION_SECRET: order.join(','),
    ENCRYPTION_KEYS: names.join(','),
  });
  const before = listed(secrets, keys);
  const after = listed(secrets.toReversed(), keys.toReversed());
  return [await roll(stage, 'rolling restart that puts new keys first', count, before, after)];
}

async function roll(
  stage: Stage,
  what: string,
  count: number,
  before: Record<string, string>,
  after: Record<string, string>,
): Promise<Row> {
  const old = [await stage.start({ env: before }), await stage.start({ env: before })];
  const [first] = old;
  if (!first) throw new Error('no process');
  const people = await connected(stage, first, count);
  const balance = balancer([...old]);
  const tokenCalls = stage.server.calls.token;
  const load = startLoad(balance, people, rate, ['/proxy/acme/v1/things', '/api/session']);
  let last = first;
  for (const each of old) {
    last = await stage.start({ env: after });
    balance.serving = [...balance.serving, last];
    await retire(each, balance);
  }
  await pause(300);
  return row(stage, `${what}: Gatehouse`, { load, people, tokenCalls, faults: 2, at: last });
}
