import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { startRefreshWorld, statuses, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;
let processes: ServerProcess[];

beforeAll(async () => {
  world = await startRefreshWorld({ apps: 0 });
  const first = await startProcess(world.env);
  const others = [1, 2, 3].map(() => startProcess({ ...world.env, PUBLIC_URL: first.url }));
  processes = [first, ...(await Promise.all(others))];
}, 60_000);

afterEach(() => world.reset());

afterAll(async () => {
  await Promise.all(processes.map(({ child, exited }) => (child.kill('SIGKILL'), exited)));
  await world.close();
});

/** Connects through the first process; the first access token is refused by the API and over for us after a second. */
async function expiredConnection() {
  const { server } = world;
  server.bend.token = { on: 'authorization_code', body: { expires_in: 1 } };
  const [first] = processes;
  const browser = createBrowser(first?.url ?? '');
  const journey = await connect(browser, 'acme');
  expect(journey.finalUrl.searchParams.get('connected')).toBe('acme');
  server.grants.expireAccessTokens();
  return browser;
}

test.each([
  [1, 0.05],
  [2, 0.05],
  [4, 0.05],
  [1, 2],
  [2, 2],
  [4, 2],
])('100 calls on an expired token at %i processes cost one token call that takes %d s', async (count, seconds) => {
  const browser = await expiredConnection();
  const { server } = world;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  server.bend.token = { on: 'refresh_token', wait: seconds * 1000 };
  const browsers = processes.slice(0, count).map(({ port }) => world.at(browser, port));

  const answers = await statuses(100, (index) => (browsers[index % count] ?? browser).api.get('/proxy/acme/invoices'));

  expect(answers).toEqual(Array(100).fill(200));
  expect(world.refreshes()).toBe(1);
  const forced = await browsers.at(-1)?.api.post('/api/connections/acme/refresh');
  expect(forced?.status).toBe(200);
  expect(world.refreshes()).toBe(2);
  expect(await statuses(2, () => browser.api.get('/proxy/acme/invoices'))).toEqual([200, 200]);
});
