import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import { startRedis, type RedisServer } from '../world/redis.js';
import type { ServerProcess } from '../world/process.js';
import { openStage, type Stage } from '../store-faults/stage.js';

let redis: RedisServer;
let stage: Stage;
let servers: ServerProcess[];
const agent = new Agent({ connections: 32 });

beforeAll(async () => {
  redis = await startRedis();
  stage = await openStage({ redisUrl: redis.url, env: { TRUST_PROXY: 'loopback', LOG_LEVEL: 'warn' } });
  servers = await Promise.all([stage.start(), stage.start()]);
});
afterAll(async () => {
  await agent.destroy();
  await stage.close();
  await redis.stop();
});

/** So many requests, 32 at a time: how often each status came, and the last answer's headers by status. */
async function flood(
  count: number,
  request: (index: number) => { path: string; port?: number; headers?: Record<string, string> },
) {
  const statuses: Record<string, number> = {};
  const headersOf: Record<string, Record<string, unknown>> = {};
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const { path, port = servers[0]!.port, headers = {} } = request(index);
      const answer = await agent.request({ origin: `http://127.0.0.1:${port}`, path, method: 'GET', headers });
      await answer.body.dump();
      statuses[answer.statusCode] = (statuses[answer.statusCode] ?? 0) + 1;
      headersOf[answer.statusCode] = answer.headers;
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return { statuses, headersOf };
}

const keys = async () => Number(await redis.cli('dbsize'));
/** Resident memory in MB. */
const memory = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${servers[0]!.child.pid ?? 0}/status`, 'utf8'))?.[1]) / 1024;

test('visitors without a cookie leave nothing in the store, whatever they ask for', async () => {
  const paths = [
    '/',
    '/api/session',
    '/proxy/acme/v1/things',
    '/nowhere',
    '/connect/nope/callback?state=x',
    '/healthz',
  ];
  const { statuses } = await flood(2400, (index) => ({
    path: paths[index % paths.length]!,
    headers: { 'x-csrf': '1' },
  }));
  expect(Object.keys(statuses).filter((status) => Number(status) >= 500)).toEqual([]);
  expect(await keys()).toBe(0);
});

test('callbacks that are garbage cost no key, no memory and no call of the authorization server', async () => {
  const garbage = (index: number) => `/connect/acme/callback?code=${'c'.repeat(index % 900)}&state=${index}%00<script>`;
  await flood(500, (index) => ({ path: garbage(index) }));
  const before = memory();
  const { statuses } = await flood(2400, (index) => ({
    path: garbage(index),
    headers: { cookie: `gatehouse-attempt.acme.x=${index}` },
  }));
  expect(Object.keys(statuses)).toEqual(['400']);
  expect(await keys()).toBe(0);
  expect(stage.server.calls.token).toBe(0);
  expect(memory() - before).toBeLessThan(160);
});

test('one address that starts over and over is told to wait, by every process together; others are not', async () => {
  const from = (address: string) => ({ 'x-forwarded-for': address, accept: 'text/html' });
  const start = (index: number) => ({
    path: '/connect/acme',
    port: servers[index % 2]!.port,
    headers: from('192.0.2.1'),
  });
  const { statuses, headersOf } = await flood(700, start);
  expect(statuses['302']).toBeLessThanOrEqual(480);
  expect(statuses['302']).toBeGreaterThanOrEqual(240);
  expect(Object.keys(statuses).sort()).toEqual(['302', '429']);
  expect(Number(headersOf['429']?.['retry-after'])).toBeGreaterThanOrEqual(1);
  const held = await keys();
  expect(held).toBeLessThanOrEqual(481);
  const before = memory();
  await flood(1200, start);
  expect(await keys()).toBeLessThanOrEqual(held + 240);
  expect(memory() - before).toBeLessThan(160);
  const other = await flood(1, () => ({ path: '/connect/acme', headers: from('192.0.2.2') }));
  expect(other.statuses).toEqual({ '302': 1 });
});

test('limits that cannot be counted make no failure of their own', async () => {
  await redis.kill('SIGSTOP');
  try {
    const { statuses } = await flood(50, () => ({
      path: '/connect/acme',
      headers: { 'x-forwarded-for': '192.0.2.3' },
    }));
    expect(Object.keys(statuses)).toEqual(['503']);
  } finally {
    await redis.kill('SIGCONT');
  }
});
