import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startApp } from '../world/app.js';
import { eventually } from '../world/redis.js';
import { problemOf, startRefreshWorld, statuses, type RefreshWorld } from './refresh-world.js';
import { startRelay } from './relay.js';

let world: RefreshWorld;

beforeAll(async () => {
  world = await startRefreshWorld({ apps: 2 });
});
afterEach(() => world.reset());
afterAll(() => world.close());

/** Fails every further write with OOM; reads go on. */
const refuseWrites = async () => {
  await world.redis.cli('config', 'set', 'maxmemory-policy', 'noeviction');
  await world.redis.cli('config', 'set', 'maxmemory', '1');
};
const takeWrites = () => world.redis.cli('config', 'set', 'maxmemory', '0');

test('nothing is spent while the store takes no writes; a token that is good serves on', async () => {
  const browser = await world.connected();
  world.forward(3570);
  await refuseWrites();
  try {
    expect((await browser.api.get('/proxy/acme/x')).status).toBe(200);
    world.forward(100);
    expect(problemOf(await browser.api.get('/proxy/acme/x'))).toMatchObject({ status: 503, code: 'store_unavailable' });
    expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(503);
    expect(world.refreshes()).toBe(0);
  } finally {
    await takeWrites();
  }
  expect((await browser.api.get('/proxy/acme/x')).status).toBe(200);
  expect(world.refreshes()).toBe(1);
});

test.each([
  ['takes no writes', refuseWrites, takeWrites],
  [
    'does not answer',
    () => world.redis.kill('SIGSTOP'),
    async () => {
      await world.redis.kill('SIGCONT');
    },
  ],
])(
  'tokens that came while the store %s are saved when it is back, and callers are told in time',
  async (_name, fail, mend) => {
    const browser = await world.connected();
    world.forward(3600);
    let failing: Promise<unknown> | undefined;
    world.server.bend.token = {
      on: 'refresh_token',
      get wait() {
        return (failing ??= fail());
      },
    };
    const began = performance.now();
    const told = await statuses(10, () => browser.api.get('/proxy/acme/x'));
    expect(told).toEqual(Array(10).fill(503));
    expect(performance.now() - began).toBeLessThan(6_000);
    await mend();
    const views = world.apps.map(({ port }) => world.at(browser, port));
    await eventually(async () => (await browser.api.get('/api/session')).status === 200);
    await eventually(async () => (await views[1]?.api.get('/proxy/acme/x'))?.status === 200);
    expect(world.refreshes()).toBe(1);
    expect(world.server.revocations).toHaveLength(0);
    await eventually(async () => (await browser.api.post('/api/connections/acme/refresh')).status === 200);
  },
  30_000,
);

test('tokens whose holder lost its lock with the way to the store are saved, and not asked for a second time', async () => {
  const relay = await startRelay(world.redis.port);
  const app = await startApp({ ...world.env, REDIS_URL: relay.url, PUBLIC_URL: world.app.url }, world.now);
  try {
    const browser = await world.connected();
    const view = world.at(browser, app.port);
    await eventually(async () => (await view.api.get('/proxy/acme/x')).status === 200);
    world.forward(3600);
    world.server.bend.token = {
      on: 'refresh_token',
      get wait() {
        relay.hold();
        return 0;
      },
    };
    expect(problemOf(await view.api.get('/proxy/acme/x'))).toMatchObject({ status: 503, code: 'store_unavailable' });

    // What becomes of a lock after its 15 s: another process finds none, and the old refresh token in the record.
    const [lock = ''] = (await world.redis.cli('keys', '*lock*')).split('\n');
    await world.redis.cli('del', lock);
    const called = browser.api.get('/proxy/acme/x');
    await eventually(async () => (await world.redis.cli('exists', lock)) === '1');
    relay.letGo();
    expect((await called).status).toBe(200);
    expect(world.refreshes()).toBe(1);
    expect(world.server.revocations).toHaveLength(0);
    await eventually(async () => (await view.api.get('/proxy/acme/x')).status === 200);
    expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
  } finally {
    await relay.close();
    await app.close();
  }
}, 30_000);

test('tokens whose saving was not confirmed are recognised, not revoked', async () => {
  const relay = await startRelay(world.redis.port);
  const app = await startApp({ ...world.env, REDIS_URL: relay.url, PUBLIC_URL: world.app.url }, world.now);
  try {
    const browser = await world.connected();
    const view = world.at(browser, app.port);
    await eventually(async () => (await view.api.get('/proxy/acme/x')).status === 200);
    world.forward(3600);
    world.server.bend.token = {
      on: 'refresh_token',
      get wait() {
        relay.loseNextAnswer();
        return 0;
      },
    };
    await view.api.get('/proxy/acme/x');
    await eventually(async () => (await view.api.get('/proxy/acme/x')).status === 200);
    await app.close();
    expect(relay.lost()).toBe(1);
    expect(world.server.revocations).toHaveLength(0);
    expect(world.refreshes()).toBe(1);
    expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
  } finally {
    await app.close().catch(() => undefined);
    await relay.close();
  }
}, 30_000);
