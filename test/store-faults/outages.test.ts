import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startRedis, type RedisServer } from '../world/redis.js';
import type { ServerProcess } from '../world/process.js';
import { openSlowWire, type SlowWire } from './slow-wire.js';
import { openStage, type Person, type Stage } from './stage.js';
import { suffer, type Outage } from './outage.js';
import { expectPatience } from './patience.js';

let redis: RedisServer;
let wire: SlowWire;
let stage: Stage;
let server: ServerProcess;
let people: Person[];

beforeAll(async () => {
  redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  wire = await openSlowWire(redis.port);
  stage = await openStage({ redisUrl: `redis://127.0.0.1:${wire.port}/0` });
  server = await stage.start();
});
afterAll(async () => {
  await stage.close();
  wire.close();
  await redis.stop();
});
beforeEach(async () => {
  people = [stage.person(server), stage.person(server), stage.person(server)];
  for (const person of people) await person.connect();
});

const delayed = (ms: number) => {
  wire.delay(ms);
  return Promise.resolve();
};
const otherPassword = (...command: string[]) => redis.cli('-a', 'another', ...command);
const outages: Record<string, () => Outage> = {
  'killed and started again': () => ({ inflict: () => redis.kill('SIGKILL'), heal: () => redis.restart() }),
  frozen: () => ({ inflict: () => redis.kill('SIGSTOP'), heal: () => redis.kill('SIGCONT'), lastsMs: 2500 }),
  'too slow to be of use': () => ({
    inflict: () => delayed(4000),
    heal: () => delayed(0),
    lastsMs: 2500,
  }),
  'given another password': () => ({
    inflict: async () => {
      await redis.cli('config', 'set', 'requirepass', 'another');
      await otherPassword('client', 'kill', 'type', 'normal');
    },
    heal: () => otherPassword('config', 'set', 'requirepass', ''),
  }),
};

test.each(Object.entries(outages))(
  'a store that is %s under load: 503 within 2 s, nobody is logged out, and all is well within 3 s of its return',
  async (_name, outage) => {
    const before = people.map((person) => person.sessionCookie());
    const { seen, recoveryMs } = await suffer(server, people, outage());
    expectPatience(seen);
    expect(recoveryMs).toBeLessThan(3000);
    for (const person of people) expect((await person.call()).status).toBe(200);
    expect(people.map((person) => person.sessionCookie())).toEqual(before);
  },
);

test('a slow store slows the calls and fails none', async () => {
  wire.delay(150);
  try {
    const answers = await Promise.all(people.map((person) => person.call()));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await stage.person(server).connect();
  } finally {
    wire.delay(0);
  }
});

test('a flushed store: everybody is told to sign in, nobody sees a failure, and signing in works', async () => {
  const [person] = people;
  await redis.cli('flushall');
  await redis.cli('script', 'flush');
  const answer = await person!.call();
  expect([answer.status, answer.headers['x-gatehouse-error']]).toEqual([401, 'login_required']);
  const session = await person!.browser.api.get('/api/session');
  expect([session.status, session.text.includes('"active":false')]).toEqual([200, true]);
  await person!.connect();
  expect((await person!.call()).status).toBe(200);
});

test('every connection that was acknowledged outlives the death of a store that keeps a journal', async () => {
  const acknowledged: Person[] = [];
  const connecting = Array.from({ length: 12 }, async (_, index) => {
    const person = stage.person(server);
    await new Promise((resolve) => setTimeout(resolve, index * 40));
    await person.connect().then(
      () => acknowledged.push(person),
      () => undefined,
    );
    if (acknowledged.length === 3) await redis.kill('SIGKILL');
  });
  await Promise.all(connecting);
  await redis.restart();
  expect(acknowledged.length).toBeGreaterThanOrEqual(3);
  for (const person of acknowledged) {
    await answersAgain(person);
    expect((await person.call()).status).toBe(200);
  }
});

async function answersAgain(person: Person): Promise<void> {
  const deadline = performance.now() + 3000;
  while ((await person.call()).status === 503 && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

test('while the store is away, pages and health tell it apart from a failure of the process', async () => {
  const [person] = people;
  await redis.kill('SIGKILL');
  try {
    const { port } = server;
    const at = (path: string) => person!.browser.newBrowser().get(new URL(path, `http://127.0.0.1:${port}`));
    expect((await at('/healthz')).status).toBe(200);
    const ready = await at('/readyz');
    expect([ready.status, ready.headers['retry-after']]).toEqual([503, '1']);
    const home = await person!.browser.navigate('/', { follow: false });
    expect([home.status, home.headers['content-type'], home.setCookies.length]).toEqual([
      503,
      'text/html; charset=utf-8',
      0,
    ]);
    const start = await person!.browser.navigate('/connect/other', { follow: false });
    expect([start.status, start.headers['retry-after']]).toEqual([503, '1']);
    const anonymous = await stage.person(server).browser.navigate('/connect/acme', { follow: false });
    expect([anonymous.status, anonymous.setCookies.length]).toEqual([503, 0]);
    for (const [verb, path] of [
      ['delete', '/api/connections/acme'],
      ['post', '/logout'],
      ['post', '/api/connections/acme/refresh'],
    ] as const) {
      const answer = await person!.browser.api[verb](path);
      expect([path, answer.status, answer.headers['retry-after'], answer.setCookies.length]).toEqual([
        path,
        503,
        '1',
        0,
      ]);
    }
  } finally {
    await redis.restart();
  }
  await answersAgain(person!);
  expect((await person!.call()).status).toBe(200);
  expect(server.lines.filter((line) => !line.startsWith('{') && line.includes('rror'))).toEqual([]);
});
