import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { startRedis, type RedisServer } from '../world/redis.js';
import { openStage, type Stage } from '../store-faults/stage.js';

let redis: RedisServer;
let stage: Stage;

beforeAll(async () => {
  redis = await startRedis();
  stage = await openStage({ redisUrl: redis.url });
});
afterAll(async () => {
  await stage.close();
  await redis.stop();
});

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [one, two] = [key('k1'), key('k2')];
const [first, second] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
const start = (keys: string[], secrets: string[]) =>
  stage.start({ env: { ENCRYPTION_KEYS: keys.join(','), SESSION_SECRET: secrets.join(',') } });

test('two processes that list the same keys in another order open each other’s sessions and connections', async () => {
  const [old, fresh] = [await start([one, two], [first, second]), await start([two, one], [second, first])];
  const person = stage.person(old);
  await person.connect();
  for (const server of [fresh, old, fresh, old]) {
    expect((await person.at(server).call()).status).toBe(200);
    // Signs the cookie again, and seals new tokens.
    expect((await person.browser.api.get('/api/session')).text).toContain('"active":true');
    expect((await person.browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
  }
}, 60_000);

test('a process that does not know the key asks to connect again, spares the session, and ruins nothing for the others', async () => {
  const [old, fresh] = [await start([one], [first, second]), await start([two], [second, first])];
  const person = stage.person(old);
  await person.connect();
  for (const path of ['/proxy/acme/v1/things', '/api/connections/acme', '/api/session', '/']) {
    const { status, text } = await person.at(fresh).browser.api.get(path);
    expect([path, status]).toEqual([path, path.startsWith('/proxy') ? 401 : 200]);
    if (status === 401) expect(text).toContain('"code":"reauth_required"');
  }
  expect((await person.browser.api.post('/api/connections/acme/refresh')).status).toBe(401);
  expect((await person.at(old).call()).status).toBe(200);

  await person.at(fresh).connect();
  expect((await person.call()).status).toBe(200);
  expect((await person.at(old).call()).text).toContain('"code":"reauth_required"');
  expect((await person.browser.api.get('/api/session')).text).toContain('"active":true');
}, 60_000);
