import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { eventually } from '../world/redis.js';
import { problemOf, startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;
/** For processes, whose clock nobody moves. */
let plain: RefreshWorld;

beforeAll(async () => {
  [world, plain] = [await startRefreshWorld(), await startRefreshWorld({ apps: 0 })];
});
afterEach(() => {
  world.reset();
  plain.reset();
});
afterAll(async () => {
  await world.close();
  await plain.close();
});

test.each([12_000, 18_000])(
  'a refresh that is answered after %i ms is stored, and the refresh token is not sent again',
  async (wait) => {
    const browser = await world.connected();
    // The server rotates refresh tokens, which the record says after the first one.
    expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
    world.forward(3600);
    world.server.bend.token = { on: 'refresh_token', times: 1, wait };
    expect(problemOf(await browser.api.get('/proxy/acme/x'))).toMatchObject({
      status: 503,
      code: 'refresh_unavailable',
    });
    await eventually(async () => (await browser.api.get('/proxy/acme/x')).status === 200, 30_000);
    expect(world.refreshes()).toBe(2);
    expect(world.server.revocations).toHaveLength(0);
    expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
  },
  60_000,
);

test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const)(
  '%s in mid-refresh ends the process in order, and the new tokens are stored',
  async (signal) => {
    const server = await startProcess(plain.env);
    let next: ServerProcess | undefined;
    try {
      const browser = createBrowser(server.url);
      await connect(browser, 'acme');
      let letOn: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (letOn = resolve));
      let arrived: () => void = () => undefined;
      const asked = new Promise<void>((resolve) => (arrived = resolve));
      plain.server.bend.token = {
        on: 'refresh_token',
        times: 1,
        get wait() {
          arrived();
          return released;
        },
      };
      const called = browser.api.post('/api/connections/acme/refresh').catch(() => undefined);
      await asked;
      server.child.kill(signal);
      await server.line(/server\.stopping/);
      letOn();
      await called;
      expect(await server.exited).toEqual({ code: 0, signal: null });
      next = await startProcess({ ...plain.env, PUBLIC_URL: server.url });
      expect((await plain.at(browser, next.port).api.post('/api/connections/acme/refresh')).status).toBe(200);
      expect(plain.refreshes()).toBe(2);
    } finally {
      for (const { child, exited } of [server, ...(next ? [next] : [])]) {
        child.kill('SIGKILL');
        await exited;
      }
    }
  },
  120_000,
);

test('Ctrl-C that a terminal and npm both pass on does not break off a refresh', async () => {
  const server = await startProcess(plain.env);
  try {
    const browser = createBrowser(server.url);
    await connect(browser, 'acme');
    let arrived: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    plain.server.bend.token = {
      on: 'refresh_token',
      get wait() {
        arrived();
        return 1_000;
      },
    };
    const called = browser.api.post('/api/connections/acme/refresh').catch(() => undefined);
    await asked;
    server.child.kill('SIGINT');
    server.child.kill('SIGINT');
    await called;
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.lines.some((line) => line.includes('connection.refreshed'))).toBe(true);
  } finally {
    server.child.kill('SIGKILL');
    await server.exited;
  }
}, 120_000);
