import { afterEach, expect, test } from '@jest/globals';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startMutedRedis } from '../store/muted-redis.js';
import { eventually, startRedis, type RedisServerOptions } from '../world/redis.js';
import { startLoad } from './load.js';
import { suffer } from './outage.js';
import { expectPatience } from './patience.js';
import { openStage } from './stage.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function startStore(options: RedisServerOptions = {}) {
  const redis = await startRedis(options);
  cleanUp.push(() => redis.stop());
  return redis;
}

/** A process over this store, and two people who are connected. */
async function openOver(redisUrl: string) {
  const stage = await openStage({ redisUrl });
  cleanUp.push(() => stage.close());
  const server = await stage.start();
  const people = [stage.person(server), stage.person(server)];
  for (const person of people) await person.connect();
  return { stage, server, people };
}

test('a store that reads its file for seconds after its restart: 503 meanwhile, and everybody is there again', async () => {
  const redis = await startStore({
    args: ['--key-load-delay', '40000', '--loading-process-events-interval-bytes', '1024'],
  });
  const { server, people } = await openOver(redis.url);
  for (let index = 0; index < 50; index += 1) await redis.cli('set', `filler:${index}`, 'x'.repeat(4096));
  await redis.cli('config', 'set', 'rdbcompression', 'no');
  await redis.cli('save');
  const loading = { seen: false };
  const { seen, recoveryMs } = await suffer(server, people, {
    inflict: () => redis.kill('SIGKILL'),
    heal: async () => {
      const back = redis.restart();
      await eventually(async () => (loading.seen = (await redis.cli('ping')).startsWith('LOADING')));
      await back;
    },
  });
  expect(loading.seen).toBe(true);
  expectPatience(seen);
  expect(recoveryMs).toBeLessThan(10_000);
  for (const person of people) expect((await person.call()).status).toBe(200);
}, 120_000);

test('a store that cannot write its file to disk: calls go on, nothing is begun or spent, and all is well afterwards', async () => {
  const redis = await startStore();
  const { stage, server, people } = await openOver(redis.url);
  const [, directory = ''] = (await redis.cli('config', 'get', 'dir')).split('\n');
  const obstacle = join(directory, 'dump.rdb');
  await mkdir(obstacle);
  await redis.cli('config', 'set', 'save', '3600 1000000');
  await redis.cli('bgsave');
  await eventually(async () => (await redis.cli('set', 'probe', 'x')).startsWith('MISCONF'));
  const spent = stage.server.calls.token;
  const [person] = people;
  expect((await person!.call()).status).toBe(200);
  const renewal = await person!.browser.api.post('/api/connections/acme/refresh');
  const start = await stage.person(server).browser.navigate('/connect/acme', { follow: false });
  for (const answer of [renewal, start])
    expect([answer.status, answer.headers['retry-after'], answer.setCookies]).toEqual([503, '1', []]);
  expect(stage.server.calls.token).toBe(spent);
  await rmdir(obstacle);
  await redis.cli('bgsave');
  await eventually(async () => (await redis.cli('set', 'probe', 'x')) === 'OK');
  expect((await person!.browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
  await stage.person(server).connect();
});

test('a store that serves nothing because its own master is gone: 503, and well again when it is made a master', async () => {
  const redis = await startStore({ args: ['--replica-serve-stale-data', 'no'] });
  const { server, people } = await openOver(redis.url);
  const { seen, recoveryMs } = await suffer(server, people, {
    inflict: () => redis.cli('replicaof', '127.0.0.1', '1'),
    heal: () => redis.cli('replicaof', 'no', 'one'),
  });
  expectPatience(seen);
  expect(recoveryMs).toBeLessThan(3000);
});

test('a user who may not follow changes: everything works, and a logout is seen by the other process at once', async () => {
  const redis = await startStore();
  await redis.cli('acl', 'setuser', 'app', 'on', '>pw', '~*', '+@all', '-client|tracking');
  const { stage, server, people } = await openOver(redis.url.replace('//', '//app:pw@'));
  expect(await server.line(/store\.changes_unknown/)).toContain('NOPERM');
  const second = await stage.start();
  const [person] = people;
  expect((await person!.at(second).call()).status).toBe(200);
  const copy = stage.person(second);
  for (const { name, value } of person!.browser.cookies()) copy.browser.setCookie(name, value);
  expect((await copy.call()).status).toBe(200);
  expect((await person!.at(server).browser.api.post('/logout')).status).toBe(200);
  expect((await copy.call()).status).toBe(401);
});

test.each([
  ['the connection on which changes are told', 'gatehouse-changes\r\n', false],
  ['the connection on which it is asked', 'gatehouse\r\n', true],
])(
  'a store that falls silent on %s alone: nobody waits for long or is logged out',
  async (_which, name, fails) => {
    const redis = await startStore();
    const muted = await startMutedRedis(redis.port, name);
    cleanUp.push(() => muted.close());
    const { server, people } = await openOver(muted.url);
    const load = startLoad(server, people, 40, ['/proxy/acme/v1/things', '/api/session']);
    await load.next(({ status }) => status === 200);
    muted.mute();
    const struck = performance.now();
    if (fails) await load.next(({ status }) => status === 503);
    await load.next(({ began }) => began > struck + 2500);
    muted.unmute();
    const back = performance.now();
    await load.next(({ status }) => status === 200);
    expect(performance.now() - back).toBeLessThan(3000);
    expectPatience(await load.stop(), fails);
  },
  20_000,
);
