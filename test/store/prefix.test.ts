import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { refusalHere } from '../configuration/configurations.js';
import { createFolder, type Folder } from '../command-line/run-command.js';
import { startApp, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect as signIn } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { clientEnvironment, createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import { send } from '../world/transport.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

// Two deployments on one Redis, with the same secrets, as when staging is a copy of production.

const webhookSecret = 'wh-secret-of-the-test';
let redis: RedisServer;
let server: MisbehavingServer;
let directory: ProvidersDirectory;
let folder: Folder;
let receivers: Upstream[];
let production: App;
let staging: App;
let shared: Record<string, string>;

beforeAll(async () => {
  [redis, server, folder] = await Promise.all([startRedis(), startMisbehaving(), createFolder()]);
  receivers = await Promise.all([startUpstream(), startUpstream()]);
  for (const receiver of receivers) receiver.answer('/events', { status: 200 });
  directory = await createProvidersDirectory({ acme: server.providerFile() });
  shared = {
    REDIS_URL: redis.url,
    PROVIDERS_DIR: directory.path,
    SESSION_SECRET: 's'.repeat(20) + 'ecret-of-both-deployments',
    ENCRYPTION_KEYS: `k1:${Buffer.from('0f1e2d3c4b5a69788796a5b4c3d2e1f0').toString('base64')}`,
    ...server.environment('acme'),
    ...clientEnvironment('invoiced', 'a', 'b'),
    ...clientEnvironment('request-finance', 'c', 'd'),
    REQUEST_FINANCE_WEBHOOK_SECRET: webhookSecret,
    REQUEST_FINANCE_WEBHOOK_FORWARD_URL: `${receivers[0]!.origin}/events`,
  };
  const stagingReceiver = { REQUEST_FINANCE_WEBHOOK_FORWARD_URL: `${receivers[1]!.origin}/events` };
  production = await startApp(shared);
  staging = await startApp({ ...shared, ...stagingReceiver, REDIS_PREFIX: 'staging:' });
});
afterAll(async () => {
  await Promise.all([production.close(), staging.close()]);
  await Promise.all([redis.stop(), server.close(), directory.remove(), folder.remove()]);
  await Promise.all(receivers.map((receiver) => receiver.close()));
});

const names = async (pattern: string) => (await redis.cli('keys', pattern)).split('\n').filter(Boolean);

test('an event of a provider reaches each deployment, and neither answers the copy of the other', async () => {
  const body = JSON.stringify({ event: 'paid', id: 'evt_1' });
  const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-webhook-signature': signature };
  for (const { url } of [staging, production])
    await send({ method: 'POST', url: new URL(`${url}/webhooks/request-finance`), headers, body });
  expect(receivers.map(({ requests }) => requests.length)).toEqual([1, 1]);
});

test('every key, channel and change report of a deployment begins with its prefix', async () => {
  await redis.cli('flushall');
  const browser = createBrowser(staging.url);
  await signIn(browser, 'acme');
  expect((await browser.api.get('/proxy/acme/x')).headers['x-gatehouse-error']).toBeUndefined();
  expect(await names('*')).not.toEqual([]);
  expect((await names('*')).filter((key) => !key.startsWith('staging:gh:'))).toEqual([]);
  const channels = (await redis.cli('pubsub', 'channels', '*process*')).split('\n');
  expect(channels.map((name) => /^(?:staging:)?gh:process:/.exec(name)?.[0]).sort()).toEqual([
    'gh:process:',
    'staging:gh:process:',
  ]);
  const tracking = await redis.cli('client', 'trackinginfo');
  expect(tracking).toContain('off');
});

test('a session of one is none at the other, and cannot be copied there under the other name', async () => {
  const browser = createBrowser(staging.url);
  await signIn(browser, 'acme');
  const cookie = browser.cookieHeader() ?? '';
  const status = (app: App) =>
    send({
      method: 'GET',
      url: new URL(`http://127.0.0.1:${app.port}/proxy/acme/x`),
      headers: { cookie, 'x-csrf': '1' },
    });
  expect((await status(production)).status).toBe(401);
  for (const key of await names('staging:*')) await redis.cli('copy', key, key.replace('staging:', ''), 'replace');
  const copied = await status(production);
  expect([copied.status, copied.headers['x-gatehouse-error']]).toEqual([401, expect.any(String)]);
  expect((await status(staging)).headers['x-gatehouse-error']).toBeUndefined();
});

test('a change in one deployment is in force at once though it is remembered', async () => {
  const second = await startApp({ ...shared, REDIS_PREFIX: 'staging:', PUBLIC_URL: staging.url });
  try {
    const browser = createBrowser(staging.url);
    await signIn(browser, 'acme');
    const headers = { cookie: browser.cookieHeader() ?? '', 'x-csrf': '1' };
    const call = () => send({ method: 'GET', url: new URL(`http://127.0.0.1:${second.port}/proxy/acme/x`), headers });
    for (let warm = 0; warm < 5; warm += 1) expect((await call()).headers['x-gatehouse-error']).toBeUndefined();
    await browser.api.post('/logout');
    expect((await call()).status).toBe(401);
  } finally {
    await second.close();
  }
});

test('the commands of an operator see the deployment that REDIS_PREFIX names, and no other', async () => {
  await redis.cli('flushall');
  await signIn(createBrowser(staging.url), 'acme');
  await signIn(createBrowser(production.url), 'acme');
  await signIn(createBrowser(production.url), 'acme');
  const sessions = async (env: Record<string, string>) =>
    ((await folder.run(['sessions', 'list', '--json'], { ...shared, ...env })).json as { sessions: { tag: string }[] })
      .sessions;
  expect(await sessions({})).toHaveLength(2);
  const [only, ...others] = await sessions({ REDIS_PREFIX: 'staging:' });
  expect(others).toEqual([]);
  const rotated = {
    ...shared,
    REDIS_PREFIX: 'staging:',
    ENCRYPTION_KEYS: `k2:${Buffer.alloc(32, 'another-key!').toString('base64')},${shared['ENCRYPTION_KEYS']}`,
  };
  expect((await folder.run(['keys', 'reseal'], rotated)).stdout).toContain('with k2: 1');
  expect((await folder.run(['sessions', 'revoke', only?.tag ?? ''], rotated)).code).toBe(0);
  expect(await names('staging:gh:{*')).toEqual([]);
  expect(await sessions({})).toHaveLength(2);
});

test.each(['{one}:', 'a*', 'a b', 'x'.repeat(65)])('%j is no prefix', async (REDIS_PREFIX) => {
  expect(await refusalHere({ ...shared, REDIS_PREFIX })).toMatch(/^ {2}REDIS_PREFIX: .+\. \S/m);
});
