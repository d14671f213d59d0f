import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import { byStatus, longest, startLoad } from '../../test/store-faults/load.js';
import { openStage, type Person, type Stage } from '../../test/store-faults/stage.js';
import type { ServerProcess } from '../../test/world/process.js';
import { startRedis, type RedisServer } from '../../test/world/redis.js';
import type { Row } from './row.js';

export interface ExhaustionCase {
  /** Connections that say nothing. */
  idle: number;
  /** Calls of one person that hang. */
  hanging: number;
  /** Requests of visitors, from one address. */
  anonymous: number;
}

interface Scene {
  redis: RedisServer;
  stage: Stage;
  servers: [ServerProcess, ServerProcess];
  bystander: Person;
}

/** A process is asked for more than it should give; the row tells how somebody else fares meanwhile. */
export async function exhaustion({ idle, hanging, anonymous }: ExhaustionCase): Promise<Row[]> {
  const redis = await startRedis();
  const stage = await openStage({ redisUrl: redis.url, env: { LOG_LEVEL: 'error', TRUST_PROXY: 'loopback' } });
  const servers: [ServerProcess, ServerProcess] = [await stage.start(), await stage.start()];
  const bystander = stage.person(servers[0]);
  await bystander.connect();
  const scene: Scene = { redis, stage, servers, bystander };
  const rows = [
    await beside(scene, `${idle} connections that say nothing`, () => silent(servers[0], idle)),
    await beside(scene, `${hanging} hanging calls of one person at two processes`, () => hang(scene, hanging)),
    await beside(scene, `${anonymous} starts and broken callbacks from one address`, () => flood(scene, anonymous)),
  ];
  await stage.close();
  await redis.stop();
  return rows;
}

/** Resident memory in MB. */
const memory = ({ child }: ServerProcess): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8'))?.[1]) / 1024;

/** Runs the attack beside one person's calls, which alone are counted, and tells what the attack cost. */
async function beside(scene: Scene, what: string, attack: () => Promise<string>): Promise<Row> {
  const { redis, servers, bystander } = scene;
  const [memoryBefore, keysBefore] = [memory(servers[0]), Number(await redis.cli('dbsize'))];
  const load = startLoad(servers[0], [bystander], 20);
  const outcome = await attack();
  const seen = await load.stop();
  const [more, keys] = [memory(servers[0]) - memoryBefore, Number(await redis.cli('dbsize')) - keysBefore];
  return {
    what: `${what} (${outcome}; ${Math.max(0, Math.round(more))} MB and ${Math.max(0, keys)} keys more); another person`,
    load: '20/s',
    faults: 1,
    answers: byStatus(seen),
    longestMs: longest(seen),
    tokenCalls: 0,
    connectionsLost: (await bystander.call()).status === 200 ? 0 : 1,
    recoveryMs: undefined,
  };
}

async function silent({ port }: ServerProcess, count: number): Promise<string> {
  const sockets: Socket[] = [];
  let open = 0;
  for (let made = 0; made < count; made += 250) {
    const batch = Array.from({ length: Math.min(250, count - made) }, () => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket.on('error', () => undefined));
      return new Promise((resolve) => socket.once('connect', () => resolve((open += 1))).once('close', resolve));
    });
    await Promise.all(batch);
  }
  await pause(2_000);
  for (const socket of sockets) socket.destroy();
  return `${open} accepted`;
}

async function hang({ stage, servers }: Scene, count: number): Promise<string> {
  let letGo = (): void => undefined;
  const wait = new Promise<void>((resolve) => (letGo = resolve));
  stage.upstream.answer('/v1/hanging', { wait });
  const greedy = stage.person(servers[0]);
  await greedy.connect();
  const agent = new Agent({ connections: count });
  const headers = { host: greedy.browser.base.host, cookie: greedy.browser.cookieHeader() ?? '', 'x-csrf': '1' };
  const statuses: Record<string, number> = {};
  const calls = Array.from({ length: count }, async (_, index) => {
    const origin = `http://127.0.0.1:${servers[index % 2]?.port ?? 0}`;
    const { statusCode, body } = await agent.request({
      origin,
      path: '/proxy/acme/v1/hanging',
      method: 'GET',
      headers,
    });
    await body.dump();
    statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
  });
  await pause(2_000);
  letGo();
  await Promise.all(calls);
  await agent.destroy();
  return told(statuses);
}

async function flood({ servers }: Scene, count: number): Promise<string> {
  const agent = new Agent({ connections: 32 });
  const statuses: Record<string, number> = {};
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const origin = `http://127.0.0.1:${servers[index % 2]?.port ?? 0}`;
      const path =
        index % 2 ? '/connect/acme' : `/connect/acme/callback?code=${'c'.repeat(index % 500)}&state=${index}`;
      const headers = { 'x-forwarded-for': '192.0.2.1', accept: 'text/html' };
      const { statusCode, body } = await agent.request({ origin, path, method: 'GET', headers });
      await body.dump();
      statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  await agent.destroy();
  return told(statuses);
}

function told(statuses: Record<string, number>): string {
  return Object.entries(statuses)
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');
}
