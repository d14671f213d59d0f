import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { eventually } from '../world/redis.js';
import { problemOf, startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;
let first: ServerProcess;
let holders: ServerProcess[];

beforeAll(async () => {
  world = await startRefreshWorld({ apps: 0 });
  first = await startProcess(world.env);
  await first.line(/./);
  // These cannot learn the token endpoint yet, so that they stop between the lock and the token call.
  await createReady(first);
  world.server.bend.discovery = { reply: { status: 503 } };
  holders = await Promise.all([1, 2, 3].map(() => startProcess({ ...world.env, PUBLIC_URL: first.url })));
}, 60_000);

afterAll(async () => {
  for (const { child } of [first, ...holders]) child.kill('SIGKILL');
  await world.close();
});

/** Until the process has fetched the metadata. */
const createReady = (server: ServerProcess) =>
  eventually(async () => (await createBrowser(server.url).api.get('/readyz')).text.includes('"acme":"ready"'));
const locks = async () => (await world.redis.cli('keys', '*lock*')).split('\n').filter((key) => key !== '').length;

async function expiredConnection() {
  world.server.bend.token = { on: 'authorization_code', body: { expires_in: 1 } };
  const browser = createBrowser(first.url);
  await connect(browser, 'acme');
  world.server.bend = {};
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return browser;
}

test('a killed or stopped lock holder keeps the others waiting for no longer than the lock lives', async () => {
  const [killed, spent, stopped] = holders;
  if (!killed || !spent || !stopped) throw new Error('three processes');
  const browsers = [await expiredConnection(), await expiredConnection(), await expiredConnection()];
  const [unspent, lost, frozen] = browsers;
  if (!unspent || !lost || !frozen) throw new Error('three browsers');

  // Two stop before they have sent anything: they wait for the metadata.
  world.server.bend.discovery = { reply: { instead: 'hang' } };
  for (const [browser, holder] of [
    [unspent, killed],
    [frozen, stopped],
  ] as const)
    world
      .at(browser, holder.port)
      .api.get('/proxy/acme/x')
      .catch(() => undefined);
  await eventually(async () => (await locks()) === 2);
  killed.child.kill('SIGKILL');
  stopped.child.kill('SIGSTOP');

  // One is killed after the refresh token was spent, before the answer.
  delete world.server.bend.discovery;
  await createReady(spent);
  let answer: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => (answer = resolve));
  world.server.bend.token = { on: 'refresh_token', times: 1, wait };
  world
    .at(lost, spent.port)
    .api.get('/proxy/acme/x')
    .catch(() => undefined);
  await eventually(() => Promise.resolve(world.refreshes() === 1));
  spent.child.kill('SIGKILL');
  answer();
  await spent.exited;

  const began = performance.now();
  const answers = await Promise.all(browsers.map((browser) => browser.api.get('/proxy/acme/x')));
  expect(performance.now() - began).toBeLessThan(10_000);
  // The spent one was rotated away: only the person can help, and is told so.
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 200]);
  expect(problemOf(await lost.api.get('/proxy/acme/x'))).toMatchObject({ code: 'reauth_required' });

  // The one that was stopped wakes up, finds its lock gone and spends nothing.
  const before = world.refreshes();
  stopped.child.kill('SIGCONT');
  await createReady(stopped);
  expect((await world.at(frozen, stopped.port).api.get('/proxy/acme/x')).status).toBe(200);
  expect(world.refreshes()).toBe(before);
  expect((await frozen.api.post('/api/connections/acme/refresh')).status).toBe(200);
}, 60_000);
