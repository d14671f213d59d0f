import { afterEach, expect, test } from '@jest/globals';
import { networkInterfaces } from 'node:os';
import { startApp, type App } from '../world/app.js';
import { clientEnvironment } from '../world/providers-directory.js';
import { startRedis } from '../world/redis.js';
import { send } from '../world/transport.js';
import { refusalHere, productionEnvironment } from './configurations.js';

let app: App | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const another = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
const status = (host: string, port: number, path: string, headers: Record<string, string> = {}) =>
  send({ method: 'GET', url: new URL(`http://${host}:${port}${path}`), headers }).then(
    (answer) => answer.status,
    (error: unknown) => (error as { code?: string }).code,
  );

test('metrics listen on loopback whatever HOST says, and elsewhere when METRICS_HOST says so', async () => {
  app = await startApp({ HOST: '0.0.0.0' });
  expect(await status('127.0.0.1', app.metricsPort, '/metrics')).toBe(200);
  if (another !== undefined) {
    expect(await status(another, app.port, '/healthz')).toBe(200);
    expect(await status(another, app.metricsPort, '/metrics')).toBe('ECONNREFUSED');
  }
  await app.close();
  app = await startApp({ METRICS_HOST: '0.0.0.0' });
  expect(await status(another ?? '127.0.0.1', app.metricsPort, '/metrics')).toBe(200);
});

test.each([
  ['65', {}],
  ['620', { KEEP_ALIVE_SECONDS: '620' }],
])('a connection is kept for %s s between two requests', async (seconds, env) => {
  app = await startApp(env);
  const url = new URL(`http://127.0.0.1:${app.port}/healthz`);
  const { headers } = await send({ method: 'GET', url, headers: { connection: 'keep-alive' } });
  expect(headers['keep-alive']).toBe(`timeout=${seconds}`);
});

test('TRUST_PROXY as a number believes that many proxies; what a visitor writes in front of them counts for nothing', async () => {
  const redis = await startRedis();
  try {
    app = await startApp({ TRUST_PROXY: '1', REDIS_URL: redis.url, ...clientEnvironment('luca', 'a', 'b') });
    const { port } = app;
    const start = (forwarded: string) =>
      status('127.0.0.1', port, '/connect/luca', { 'x-forwarded-for': forwarded, 'sec-fetch-mode': 'navigate' });
    const counters = async () => (await redis.cli('keys', 'gh:limit:*')).split('\n').filter(Boolean).length;
    for (let made = 1; made < 5; made += 1) await start(`198.51.100.${made}, 203.0.113.7`);
    expect(await counters()).toBe(1);
    await start('198.51.100.1, 203.0.113.8');
    expect(await counters()).toBe(2);
  } finally {
    await redis.stop();
  }
});

test.each([
  ['TRUST_PROXY', '0'],
  ['TRUST_PROXY', '33'],
  ['TRUST_PROXY', '1, 10.0.0.0/8'],
  ['TRUST_PROXY', 'true'],
  ['COOKIE_NAME', 'a b'],
  ['COOKIE_NAME', '__Host-x'],
  ['COOKIE_NAME', 'a;b'],
  ['KEEP_ALIVE_SECONDS', '0'],
  ['KEEP_ALIVE_SECONDS', '65s'],
  ['EXPOSED_HEADERS', '*'],
  ['EXPOSED_HEADERS', 'X-A, Set-Cookie'],
  ['EXPOSED_HEADERS', 'X A'],
])('%s=%s stops the start by name', async (name, value) => {
  expect(await refusalHere(await productionEnvironment({ [name]: value }))).toMatch(
    new RegExp(`^  ${name}: .+\\. \\S`, 'm'),
  );
});
