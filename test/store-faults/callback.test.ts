import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startRedis, type RedisServer } from '../world/redis.js';
import { connect } from '../world/journey.js';
import type { ServerProcess } from '../world/process.js';
import type { Answer } from '../world/answer.js';
import { eventually } from '../world/redis.js';
import { openStage, type Person, type Stage } from './stage.js';

let redis: RedisServer;
let stage: Stage;
let server: ServerProcess;

beforeAll(async () => {
  redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  stage = await openStage({ redisUrl: redis.url });
  server = await stage.start();
});
beforeEach(() => stage.server.reset());
afterAll(async () => {
  await stage.close();
  await redis.stop();
});

async function keysOf(kind: string): Promise<string[]> {
  return (await redis.cli('keys', `gh:*:${kind}*`)).split('\n').filter(Boolean).sort();
}

const ready = () => eventually(async () => (await fetch(`http://127.0.0.1:${server.port}/readyz`)).status === 200);

test('a callback that meets a dead store: 503, the code is not spent, and opening it again finishes', async () => {
  const person = stage.person(server);
  const { callbackUrl } = await connect(person.browser, 'acme', { stopAt: 'callback' });
  await redis.kill('SIGKILL');
  const refused = await person.browser.navigate(callbackUrl!, { follow: false });
  expect([refused.status, refused.headers['retry-after'], refused.setCookies.length]).toEqual([503, '1', 0]);
  expect(stage.server.calls.token).toBe(0);
  await redis.restart();
  await ready();
  const again = await person.browser.navigate(callbackUrl!, { follow: false });
  expect(again.location?.searchParams.get('connected')).toBe('acme');
  expect((await person.call()).status).toBe(200);
});

/** Opens the callback, and makes the store fail while the code is being exchanged. */
async function failDuringExchange(person: Person, provider: string, fail: () => Promise<void>): Promise<Answer> {
  const { callbackUrl } = await connect(person.browser, provider, { stopAt: 'callback' });
  let goOn = (): void => undefined;
  stage.server.bend.token = { wait: new Promise<void>((resolve) => (goOn = resolve)) };
  const answer = person.browser.navigate(callbackUrl!, { follow: false });
  await eventually(() => Promise.resolve(stage.server.calls.token === 1));
  await fail();
  const began = performance.now();
  goOn();
  await answer;
  expect(performance.now() - began).toBeLessThan(2000);
  return answer;
}

const failures = [
  ['dies', 'SIGKILL', () => redis.restart()],
  ['freezes', 'SIGSTOP', () => redis.kill('SIGCONT')],
] as const;

test.each(failures)(
  'a store that %s during the exchange: the person is told, the tokens are given back, nothing is half stored',
  async (_what, signal, heal) => {
    const before = await keysOf('session');
    const person = stage.person(server);
    const answer = await failDuringExchange(person, 'acme', () => redis.kill(signal));
    expect(answer.status).toBe(303);
    expect(answer.location?.searchParams.get('connect_error')).toBe('store_unavailable');
    expect(stage.server.calls.revocation).toBe(1);
    await heal();
    await ready();
    expect(await keysOf('session')).toEqual(before);
    expect((await person.call()).status).toBe(401);
    stage.server.reset();
    await person.connect();
    expect((await person.call()).status).toBe(200);
  },
);

test.each(failures)(
  'a store that %s during the exchange leaves the session and its other connection as they were',
  async (_what, signal, heal) => {
    const person = stage.person(server);
    await person.connect('other');
    stage.server.reset();
    const cookie = person.sessionCookie();
    const before = await keysOf('connection');
    const answer = await failDuringExchange(person, 'acme', () => redis.kill(signal));
    expect(answer.location?.searchParams.get('connect_error')).toBe('store_unavailable');
    await heal();
    await ready();
    expect(await keysOf('connection')).toEqual(before);
    expect(person.sessionCookie()).toBe(cookie);
    expect((await person.call('other')).status).toBe(200);
  },
);
