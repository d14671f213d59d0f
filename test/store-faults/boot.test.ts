import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../world/certificates.js';
import type { ServerProcess } from '../world/process.js';
import { eventually, freePorts, startRedis } from '../world/redis.js';
import { send } from '../world/transport.js';
import { openStage, type Stage } from './stage.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** A process whose store cannot be used, and what it answers. */
async function startWithout(redisUrl: string, env: Record<string, string> = {}): Promise<[Stage, ServerProcess]> {
  const stage = await openStage({ redisUrl, env });
  cleanUp.push(() => stage.close());
  const server = await stage.start({ ready: false });
  await server.line(/"store\.(lost|refused)"/);
  await eventually(async () => (await answer(server, '/healthz')).status === 200);
  return [stage, server];
}

function answer({ port }: ServerProcess, path: string) {
  const url = new URL(path, `http://127.0.0.1:${port}`);
  return send({ method: 'GET', url, headers: { accept: 'application/json' } });
}

async function expectUpButNotReady(server: ServerProcess): Promise<void> {
  expect((await answer(server, '/healthz')).status).toBe(200);
  const ready = await answer(server, '/readyz');
  expect([ready.status, ready.headers['retry-after']]).toEqual([503, '1']);
  expect(ready.json).toMatchObject({ status: 'store_unavailable' });
  const began = performance.now();
  const start = await answer(server, '/connect/acme');
  expect([start.status, start.headers['retry-after'], start.setCookies]).toEqual([503, '1', []]);
  expect(start.json).toMatchObject({ code: 'store_unavailable' });
  expect(performance.now() - began).toBeLessThan(2000);
}

test('a store that is down at the start: the process is up, says so, and recovers without a restart', async () => {
  const [port = 0] = await freePorts(1);
  const [stage, server] = await startWithout(`redis://127.0.0.1:${port}/0`);
  await expectUpButNotReady(server);
  const redis = await startRedis({ port });
  cleanUp.push(() => redis.stop());
  await eventually(async () => (await answer(server, '/readyz')).status === 200, 3000);
  const person = stage.person(server);
  await person.connect();
  expect((await person.call()).status).toBe(200);
});

test('a store that takes connections and never says a word: 503 in time, and found when it speaks', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const [, server] = await startWithout(`redis://127.0.0.1:${port}/0`);
  await expectUpButNotReady(server);
  silent.close();
  const redis = await startRedis({ port });
  cleanUp.push(() => redis.stop());
  await eventually(async () => (await answer(server, '/readyz')).status === 200, 3000);
});

test('a wrong password: the log names the reason and not the password, and the right one is found without a restart', async () => {
  const redis = await startRedis({ password: 'the-right-one' });
  cleanUp.push(() => redis.stop());
  const [, server] = await startWithout(`redis://:hunter2-is-wrong@127.0.0.1:${redis.port}/0`);
  await expectUpButNotReady(server);
  expect(await server.line(/store\.refused/)).toContain('WRONGPASS');
  await redis.cli('config', 'set', 'requirepass', 'hunter2-is-wrong');
  await eventually(async () => (await answer(server, '/readyz')).status === 200, 3000);
  expect(server.lines.filter((line) => line.includes('hunter2') || line.includes('the-right-one'))).toEqual([]);
});

test('a certificate of an unknown authority is refused, with no way round it; the right authority is believed', async () => {
  const certificates = makeCertificates();
  cleanUp.push(() => certificates.remove());
  const redis = await startRedis({ tls: certificates.files });
  const directory = await mkdtemp(join(tmpdir(), 'authorities-'));
  cleanUp.push(() => rm(directory, { recursive: true }));
  cleanUp.push(() => redis.stop());
  for (const [name, text] of Object.entries({ stranger: certificates.stranger, right: certificates.authority }))
    writeFileSync(join(directory, name), text);
  const [stage, server] = await startWithout(redis.url, { REDIS_CA_FILE: join(directory, 'stranger') });
  await expectUpButNotReady(server);
  expect(await server.line(/store\.refused/)).toMatch(/CERT|SIGNATURE|ISSUER/);
  expect(await redis.cli('dbsize')).toBe('0');
  const second = await stage.start({ env: { REDIS_CA_FILE: join(directory, 'right') } });
  expect((await answer(second, '/readyz')).status).toBe(200);
});
