import { setTimeout as pause } from 'node:timers/promises';
import { byStatus, longest, startLoad, type Seen } from '../../test/store-faults/load.js';
import { openStage, type Person, type Stage } from '../../test/store-faults/stage.js';
import type { Browser } from '../../test/world/browser.js';
import { startRedis } from '../../test/world/redis.js';
import { naivePath, startNaive } from './naive-stage.js';
import type { Row } from './row.js';

interface DownCase {
  /** How long the authorization server is down. */
  seconds: number;
  /** Calls a second, over two processes. */
  rate: number;
  people: number;
}

/** Every token has expired and the token endpoint answers 503; then it is well again. */
export async function authorizationServerDown({ seconds, rate, people }: DownCase): Promise<Row[]> {
  const redis = await startRedis();
  const stage = await openStage({ redisUrl: redis.url, env: { LOG_LEVEL: 'error' } });
  const [one, two] = [await stage.start(), await stage.start()];
  stage.server.bend.token = { body: { expires_in: 1 } };
  const ours: Person[] = Array.from({ length: people }, () => stage.person(one));
  for (const person of ours) await person.connect();
  const gatehouse = await measure(stage, {
    who: 'Gatehouse',
    seconds,
    rate,
    people: ours,
    ports: [one.port, two.port],
    lost: async (index) => (await ours[index]?.at(two).call())?.status !== 200,
  });

  const naive = await startNaive(stage, redis.url, 2);
  const theirs: Browser[] = [];
  for (let count = 0; count < people; count += 1) theirs.push(await naive.person(1));
  const other = await measure(stage, {
    who: 'naive',
    seconds,
    rate,
    people: theirs.map((browser) => ({ browser })),
    ports: naive.ports,
    path: naivePath,
    lost: async (index) => (await theirs[index]?.get(naivePath))?.status !== 200,
  });
  naive.stop();
  await stage.close();
  await redis.stop();
  return [gatehouse, other];
}

interface Measured {
  who: string;
  seconds: number;
  rate: number;
  people: readonly { browser: Browser }[];
  ports: readonly number[];
  path?: string;
  lost: (index: number) => Promise<boolean>;
}

async function measure({ server }: Stage, { who, seconds, rate, people, ports, path, lost }: Measured): Promise<Row> {
  await pause(1100);
  let turn = 0;
  const next = {
    get port() {
      turn += 1;
      // Every person comes by every process.
      return ports[Math.floor(turn / people.length) % ports.length] ?? 0;
    },
  };
  server.bend.token = { on: 'refresh_token', reply: { status: 503 } };
  const before = server.calls.token;
  const load = startLoad(next, people, rate, path === undefined ? undefined : [path]);
  await pause(seconds * 1000);
  const during = server.calls.token - before;
  server.bend.token = { on: 'refresh_token', wait: 50 };
  const began = performance.now();
  // The longest pause between two tries is 38 s; a naive application that lost its grants never gets well.
  const limit = began + Math.min(40_000, seconds * 1300 + 5_000);
  while (performance.now() < limit && !isWell(load.seen, people.length * 3)) await pause(100);
  const seen = await load.stop();
  const lastBad = seen.findLast(({ status }) => status !== 200);
  const tokenCalls = server.calls.token - before;
  const gone = await Promise.all(people.map((_, index) => lost(index)));
  return {
    what: `the authorization server is down for ${seconds} s, ${people.length} connections: ${who} (${during} token calls while it was down)`,
    load: `${rate}/s`,
    faults: 1,
    answers: byStatus(seen),
    longestMs: longest(seen),
    tokenCalls,
    connectionsLost: gone.filter(Boolean).length,
    recoveryMs: isWell(seen, people.length)
      ? Math.max(0, (lastBad ? lastBad.began + lastBad.ms : began) - began)
      : undefined,
  };
}

function isWell(seen: readonly Seen[], row: number): boolean {
  return seen.length >= row && seen.slice(-row).every(({ status }) => status === 200);
}
