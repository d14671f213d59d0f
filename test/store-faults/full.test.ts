import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedis, type RedisServer } from '../world/redis.js';
import type { ServerProcess } from '../world/process.js';
import { openStage, type Person, type Stage } from './stage.js';

let redis: RedisServer;
let stage: Stage;
let server: ServerProcess;
let person: Person;
let stale: Person;

beforeAll(async () => {
  redis = await startRedis();
  stage = await openStage({ redisUrl: redis.url });
  server = await stage.start();
  person = stage.person(server);
  await person.connect();
  await person.connect('other');
  stage.server.bend.token = { body: { expires_in: 1 } };
  stale = stage.person(server);
  await stale.connect();
  stage.server.reset();
  await redis.cli('config', 'set', 'maxmemory', '1');
});
afterAll(async () => {
  await stage.close();
  await redis.stop();
});

async function isOver(who: Person): Promise<boolean> {
  const { access } = (await who.browser.api.get('/api/connections/acme')).json as { access: { expires_at: string } };
  return Date.parse(access.expires_at) < Date.now();
}

test('a store that is full: calls with a good token go on', async () => {
  for (let round = 0; round < 5; round += 1) expect((await person.call()).status).toBe(200);
  expect((await person.browser.api.get('/api/session')).status).toBe(200);
});

test('a store that is full: no refresh token is spent that could not be saved', async () => {
  while (!(await isOver(stale))) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const answer of [await stale.call(), await person.browser.api.post('/api/connections/acme/refresh')]) {
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect(answer.text).toContain('"store_unavailable"');
    expect(answer.setCookies).toEqual([]);
  }
  expect(stage.server.calls.token).toBe(0);
});

test('a store that is full: nothing is started that could not be remembered', async () => {
  const answer = await stage.person(server).browser.navigate('/connect/acme', { follow: false });
  expect([answer.status, answer.headers['retry-after'], answer.setCookies.length]).toEqual([503, '1', 0]);
});

test('a store that is full still forgets: disconnecting and logging out work, and all is well when there is room', async () => {
  const gone = await person.browser.api.delete('/api/connections/other');
  expect([gone.status, gone.text]).toEqual([200, '{"provider":"other","revocation":"revoked"}']);
  const leaving = await person.browser.api.post('/logout');
  expect(leaving.status).toBe(200);
  await redis.cli('config', 'set', 'maxmemory', '0');
  expect((await stale.call()).status).toBe(200);
  await person.connect();
  expect((await person.call()).status).toBe(200);
});
