import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { runToExit, startProcess, type ServerProcess } from '../world/process.js';
import { startApp, testEnvironment } from '../world/app.js';
import { freePort } from '../world/listen.js';
import { eventually, startRedis } from '../world/redis.js';
import { send } from '../world/transport.js';
import { openStage } from '../store-faults/stage.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const ask = (port: number, path: string, method = 'GET') =>
  send({ method, url: new URL(path, `http://127.0.0.1:${port}`), headers: {} });
const metricsOf = async ({ env }: ServerProcess) => (await ask(Number(env['METRICS_PORT']), '/metrics')).text;
const ready = async ({ port }: ServerProcess) => {
  const { status, json } = await ask(port, '/readyz');
  return [status, (json as { status: string }).status];
};

/** The store's state as Prometheus is told it: the one with 1, and whether it is ready. */
async function storeIn(server: ServerProcess): Promise<unknown[]> {
  const text = await metricsOf(server);
  const states = [...text.matchAll(/^gatehouse_store_state\{state="(\w+)"\} 1$/gm)].map(([, state]) => state);
  return [...states, /^gatehouse_store_ready (\d)$/m.exec(text)?.[1]];
}

/** The ports of this machine at which a process listens. */
function listeningPorts(pid = 0): number[] {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map((name) => socketAt(`/proc/${pid}/fd/${name}`)));
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/);
    return state === '0A' && sockets.has(inode) ? [parseInt(local.split(':')[1] ?? '', 16)] : [];
  });
}

/** The inode of an open socket; undefined for anything else, also for what was closed since it was listed. */
function socketAt(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(descriptor))?.[1];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A port that another program has. */
async function takenPort(): Promise<string> {
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  cleanUp.push(() => other.close());
  return String((other.address() as AddressInfo).port);
}

test('through the life of a process: what /readyz answers, and what the metrics say of the store, which never have to ask it', async () => {
  const redis = await startRedis();
  cleanUp.push(() => redis.stop());
  await redis.kill('SIGSTOP');
  const stage = await openStage({ redisUrl: redis.url });
  cleanUp.push(() => stage.close());
  const server = await stage.start({ ready: false });
  // It listens before its store has answered for the first time.
  await eventually(() =>
    ask(server.port, '/healthz').then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  expect(await ready(server)).toEqual([503, 'store_unavailable']);
  expect((await storeIn(server)).at(-1)).toBe('0');

  await redis.kill('SIGCONT');
  await eventually(async () => (await ready(server))[0] === 200);
  expect(await ready(server)).toEqual([200, 'ready']);
  expect(await storeIn(server)).toEqual(['ready', '1']);

  await redis.kill('SIGKILL');
  await eventually(async () => (await ready(server))[0] === 503);
  expect(await ready(server)).toEqual([503, 'store_unavailable']);
  expect(await storeIn(server)).toEqual(['lost', '0']);
  expect(await metricsOf(server)).toMatch(/^gatehouse_store_errors_total\{operation="ping"\} [1-9]/m);

  await redis.restart();
  await eventually(async () => (await ready(server))[0] === 200);
  expect(await storeIn(server)).toEqual(['ready', '1']);

  server.child.kill('SIGTERM');
  await server.line(/"server\.stopping"/);
  expect(await ready(server)).toEqual([503, 'shutting_down']);
  expect(await storeIn(server)).toEqual(['ready', '1']);
  expect(await server.exited).toMatchObject({ code: 0 });
}, 60_000);

test('a METRICS_PORT that is taken ends the start in production, by its number and with what to set', async () => {
  const port = await takenPort();
  const { code, output } = await runToExit({
    ...(await testEnvironment()),
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://gatehouse.test',
    REDIS_URL: `redis://127.0.0.1:${await freePort()}/0`,
    METRICS_PORT: port,
  });
  expect(code).toBe(1);
  expect(output).toContain(`port ${port} of 127.0.0.1 is taken by another program`);
  expect(output).toContain('METRICS_PORT');
}, 60_000);

test('in development it is said, and the server goes on without metrics', async () => {
  const port = await takenPort();
  const server = await startProcess({ METRICS_PORT: port });
  cleanUp.push(() => server.stop());
  const line = await server.line(/"metrics\.off"/);
  expect(JSON.parse(line)).toMatchObject({ level: 'warn', error: 'Error(EADDRINUSE)' });
  expect(line).toContain(`port ${port} is taken; set METRICS_PORT to a free one, or to off`);
  expect(await ready(server)).toEqual([200, 'ready']);
}, 60_000);

test('METRICS_PORT=off, or 0, opens no second port', async () => {
  const servers = await Promise.all(['off', '0'].map((value) => startProcess({ METRICS_PORT: value })));
  cleanUp.push(() => Promise.all(servers.map((server) => server.stop())));
  for (const { lines, child, port } of servers) {
    expect(lines.join('\n')).not.toContain('metrics.off');
    expect(listeningPorts(child.pid)).toEqual([port]);
  }
}, 60_000);

test('the port of the metrics answers /metrics to GET and HEAD, and nothing else', async () => {
  const app = await startApp();
  cleanUp.push(() => app.close());
  const port = app.metricsPort;
  const head = await ask(port, '/metrics', 'HEAD');
  expect([head.status, head.text, head.headers['content-type']]).toEqual([
    200,
    '',
    expect.stringMatching(/^text\/plain; version=/),
  ]);
  expect((await ask(port, '/metrics', 'POST')).status).toBe(405);
  for (const path of ['/', '/api/session', '/metrics/x', '/readyz']) expect((await ask(port, path)).status).toBe(404);
}, 60_000);
