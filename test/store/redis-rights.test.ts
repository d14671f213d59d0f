import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { startDoctorWorld, type DoctorWorld } from '../command-line/doctor-world.js';
import { createFolder } from '../command-line/run-command.js';
import { startApp, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { eventually } from '../world/redis.js';
import { aclRules, rights } from '../../src/store/redis/rights.js';

let world: DoctorWorld;
let app: App | undefined;
const password = 'f3a9c1d27b5e48608d2b6c4a';

beforeAll(async () => {
  world = await startDoctorWorld();
});
afterAll(async () => {
  await app?.close();
  await world.close();
});

const url = (user: string) => `redis://${user}:${password}@127.0.0.1:${world.redis.port}/0`;
const environment = (name: string) => {
  const { PORT: _port, METRICS_PORT: _metrics, ...rest } = world.healthy;
  return { ...rest, REDIS_URL: url(name) };
};
const user = (name: string, ...rules: string[]) =>
  world.redis.cli('acl', 'setuser', name, 'reset', 'on', `>${password}`, ...rules);
const readiness = async ({ port }: App) => (await createBrowser(`http://127.0.0.1:${port}`).get('/readyz')).status;

test('a user with exactly the documented rights serves, remembers, and serves the commands of an operator', async () => {
  await user('exact', ...aclRules('stage:'));
  const env = { ...environment('exact'), REDIS_PREFIX: 'stage:' };
  app = await startApp(env);
  const browser = createBrowser(app.url);
  await connect(browser, 'acme');
  expect(await readiness(app)).toBe(200);
  for (let call = 0; call < 3; call += 1)
    expect((await browser.api.get('/proxy/acme/x')).headers['x-gatehouse-error']).toBeUndefined();
  expect((await browser.post('/logout')).status).toBeLessThan(500);
  await connect(browser, 'acme');
  const folder = await createFolder();
  expect((await folder.run(['sessions', 'list', '--json'], env)).json).toMatchObject({ sessions: [{}] });
  expect((await folder.run(['keys', 'reseal'], env)).code).toBe(0);
  await folder.remove();
  const { problems, warnings } = await world.examine({ REDIS_URL: url('exact'), REDIS_PREFIX: 'stage:' });
  expect([problems, warnings]).toEqual([[], []]);
  expect(app.lines.join('')).not.toMatch(/NOPERM|changes_unknown/);
  expect(await world.redis.cli('acl', 'log')).not.toContain('exact');
}, 120_000);

test('/readyz finds each right that is taken away while the server runs, the log names it, and its return is found', async () => {
  await user('changing', ...aclRules());
  const running = await startApp(environment('changing'));
  expect(await readiness(running)).toBe(200);
  for (const command of rights.store) {
    await world.redis.cli('acl', 'setuser', 'changing', `-${command}`);
    const isNamed = !/^(?:mget|eval|evalsha|ping)$/.test(command);
    // EVAL is used where the server does not know the script.
    if (command === 'eval') await world.redis.cli('script', 'flush');
    await eventually(async () => (await readiness(running)) === 503);
    if (isNamed)
      expect(running.lines.join('')).toMatch(new RegExp(`NOPERM.*may not use: ${command}".*store\\.refused`));
    await world.redis.cli('acl', 'setuser', 'changing', `+${command}`);
    await eventually(async () => (await readiness(running)) === 200);
  }
  await running.close();
}, 60_000);

test('the doctor names each right that the server cannot do without, and the rules that give them', async () => {
  await user('lame', ...aclRules(), '-time', '-evalsha', '-get', '-mget', '-ping');
  const { code, problems } = await world.examine({ REDIS_URL: url('lame') });
  expect(code).toBe(1);
  expect(problems).toMatchObject([
    {
      check: 'Redis',
      what: expect.stringContaining('may not use ping, get, mget, time, evalsha:'),
      remedy: expect.stringContaining('+evalsha'),
    },
  ]);
}, 60_000);

test('a user without the rights for change reports is served, and warned about', async () => {
  await user('slow', ...aclRules(), ...rights.changes.map((command) => `-${command}`));
  const slow = await startApp(environment('slow'));
  const browser = createBrowser(slow.url);
  await connect(browser, 'acme');
  expect((await browser.api.get('/proxy/acme/x')).headers['x-gatehouse-error']).toBeUndefined();
  expect(await readiness(slow)).toBe(200);
  await slow.close();
  const { code, problems, warnings } = await world.examine({ REDIS_URL: url('slow') });
  expect([code, problems]).toEqual([0, []]);
  expect(warnings).toMatchObject([{ what: expect.stringContaining('client|tracking, pubsub|numsub') }]);
}, 60_000);

test('a user without the channels of processes is warned about, and one without SCAN or INFO noted', async () => {
  await user('mute', ...aclRules(), 'resetchannels', '&__redis__:invalidate', '-scan', '-info');
  const { code, warnings, findings } = await world.examine({ REDIS_URL: url('mute') });
  expect(code).toBe(0);
  expect(warnings).toContainEqual(expect.objectContaining({ what: expect.stringContaining('gh:process:*') }));
  expect(findings).toContainEqual(
    expect.objectContaining({ level: 'note', what: expect.stringContaining('may not use scan, info') }),
  );
});

test('the documentation lists exactly these rights', () => {
  const page = readFileSync(new URL('../../docs/deployment.md', import.meta.url), 'utf8').replace(/\s*\\?\n\s*/g, ' ');
  expect(page).toContain(aclRules().join(' '));
});
