import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startRefreshWorld, statuses, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

beforeAll(async () => {
  world = await startRefreshWorld({ apps: 2 });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const down = { on: 'refresh_token' as const, reply: { status: 500 } };

test('a minute of steady calls on two processes costs a server that is down a handful of token calls', async () => {
  const browser = await world.connected();
  const views = world.apps.map(({ port }) => world.at(browser, port));
  world.forward(3600);
  world.server.bend.token = down;
  let mayCallAt = 0;
  for (let half = 0; half < 120; half++) {
    const before = world.refreshes();
    const calls = await Promise.all(views.flatMap((view) => [0, 1].map(() => view.api.get('/proxy/acme/x'))));
    expect(calls.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    if (world.now() < mayCallAt) expect(world.refreshes()).toBe(before);
    mayCallAt = Math.max(...calls.map(({ headers }) => world.now() + (Number(headers['retry-after']) - 1) * 1000));
    world.forward(0.5);
  }
  expect(world.refreshes()).toBeGreaterThanOrEqual(4);
  expect(world.refreshes()).toBeLessThanOrEqual(9);

  const failures = world.refreshes();
  world.server.bend = {};
  world.forward(75);
  const answers = await statuses(100, (index) => (views[index % 2] ?? browser).api.get('/proxy/acme/x'));
  expect(answers).toEqual(Array(100).fill(200));
  expect(world.refreshes()).toBe(failures + 1);
});

test('after a success the next failure begins with a short pause again', async () => {
  const browser = await world.connected();
  world.forward(3600);
  for (let round = 0; round < 4; round++) {
    world.server.bend.token = down;
    const failed = await browser.api.get('/proxy/acme/x');
    expect(Number(failed.headers['retry-after'])).toBeLessThanOrEqual(2);
    world.server.bend = {};
    world.forward(2);
    expect((await browser.api.get('/proxy/acme/x')).status).toBe(200);
    world.forward(3600);
  }
});
