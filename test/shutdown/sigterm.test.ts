import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { readBody } from '../world/listen.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { drip } from '../world/reply.js';
import { startRefreshWorld, type RefreshWorld } from '../refresh/refresh-world.js';
import { steadyLoad } from './steady-load.js';

let world: RefreshWorld;
const running: ServerProcess[] = [];

beforeAll(async () => {
  world = await startRefreshWorld({ apps: 0 });
});
afterEach(async () => {
  world.reset();
  await Promise.all(running.splice(0).map(({ child, exited }) => (child.kill('SIGKILL'), exited)));
});
afterAll(() => world.close());

async function started(env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startProcess({ ...world.env, ...env });
  running.push(server);
  return server;
}

async function signedIn({ url }: ServerProcess) {
  const browser = createBrowser(url);
  await connect(browser, 'acme');
  const headers = { cookie: browser.cookieHeader() ?? '', 'x-csrf': '1' };
  return { browser, headers };
}

const readiness = async (port: number) => (await createBrowser(`http://127.0.0.1:${port}`).get('/readyz')).status;

test('SIGTERM under load: not ready at once, every call answered, exit 0', async () => {
  const server = await started();
  const { headers } = await signedIn(server);
  world.upstream.answer('/v1/slow', { body: drip(Array(40).fill('x'), 100) });
  const slow = request({ port: server.port, host: '127.0.0.1', path: '/proxy/acme/slow', headers });
  slow.end();
  const [stream] = (await once(slow, 'response')) as [IncomingMessage];
  const body = readBody(stream);

  let ready = true;
  const load = steadyLoad(() => (ready ? [server.port] : []), { path: '/proxy/acme/x', headers });
  await world.upstream.nextRequest();
  server.child.kill('SIGTERM');
  await server.line(/server\.stopping/);
  expect(await readiness(server.port)).toBe(503);
  // A load balancer takes a second to notice.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  ready = false;

  const outcomes = await load.stop();
  expect(outcomes.length).toBeGreaterThan(50);
  expect(outcomes.filter((outcome) => outcome !== 200)).toEqual([]);
  expect((await body).toString()).toBe('x'.repeat(40));
  expect(await server.exited).toEqual({ code: 0, signal: null });
}, 30_000);

test('answers after SIGTERM end their connections, and none is accepted when the grace is over', async () => {
  const server = await started();
  server.child.kill('SIGTERM');
  await server.line(/server\.stopping/);
  const health = await createBrowser(server.url).get('/healthz');
  expect([health.status, health.headers.connection]).toEqual([200, 'close']);
  const began = performance.now();
  await expect(
    (async () => {
      for (;;) await createBrowser(`http://127.0.0.1:${server.port}`).get('/healthz');
    })(),
  ).rejects.toMatchObject({ code: expect.stringMatching(/ECONNREFUSED|ECONNRESET/) });
  expect(performance.now() - began).toBeGreaterThan(1_000);
  expect((await server.exited).code).toBe(0);
});

test('a refresh that is under way is saved, also when its browser is gone', async () => {
  const server = await started();
  world.server.bend.token = { on: 'authorization_code', body: { expires_in: 1 } };
  const { browser, headers } = await signedIn(server);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  let arrived: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  world.server.bend.token = {
    on: 'refresh_token',
    get wait() {
      arrived();
      return 4_000;
    },
  };
  const call = request({ port: server.port, host: '127.0.0.1', path: '/proxy/acme/x', headers });
  call.on('error', () => undefined);
  call.end();
  await asked;
  call.destroy();
  server.child.kill('SIGTERM');
  expect((await server.exited).code).toBe(0);

  const next = await started({ PUBLIC_URL: server.url });
  expect((await world.at(browser, next.port).api.get('/proxy/acme/x')).status).toBe(200);
  expect(world.refreshes()).toBe(1);
}, 30_000);

test.each(['SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGINT'] as const)(
  '%s ends it in order: the call under way is answered, exit 0',
  async (signal) => {
    const server = await started();
    const { headers } = await signedIn(server);
    world.upstream.answer('/v1/slow', { body: drip(Array(20).fill('x'), 100) });
    const slow = request({ port: server.port, host: '127.0.0.1', path: '/proxy/acme/slow', headers });
    slow.end();
    const [stream] = (await once(slow, 'response')) as [IncomingMessage];
    const body = readBody(stream);
    server.child.kill(signal);
    expect((await body).toString()).toBe('x'.repeat(20));
    expect(await server.exited).toEqual({ code: 0, signal: null });
  },
  60_000,
);

test('SIGINT, from a person at a terminal, ends an idle server at once', async () => {
  const server = await started();
  const began = performance.now();
  server.child.kill('SIGINT');
  expect((await server.exited).code).toBe(0);
  expect(performance.now() - began).toBeLessThan(1_500);
});

test('two processes are replaced one after the other and no call fails', async () => {
  const first = await started();
  const env = { PUBLIC_URL: first.url };
  const { headers } = await signedIn(first);
  let serving = [first, await started(env)];
  const ready = () => serving.map(({ port }) => port);
  const load = steadyLoad(ready, { path: '/proxy/acme/x', headers, callers: 4 });

  for (const old of [...serving]) {
    const fresh = await started(env);
    serving = [...serving, fresh];
    old.child.kill('SIGTERM');
    // The balancer's next look at /readyz.
    await old.line(/server\.stopping/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await readiness(old.port)).toBe(503);
    serving = serving.filter((each) => each !== old);
    expect((await old.exited).code).toBe(0);
  }
  const outcomes = await load.stop();
  expect(outcomes.length).toBeGreaterThan(200);
  expect(outcomes.filter((outcome) => outcome !== 200)).toEqual([]);
}, 60_000);
