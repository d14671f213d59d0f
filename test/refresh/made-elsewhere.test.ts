import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import { problemOf } from './refresh-world.js';

let redis: RedisServer;
let servers: [MisbehavingServer, MisbehavingServer];
let apis: [Upstream, Upstream];
let directories: ProvidersDirectory[] = [];
const secrets = {
  SESSION_SECRET: randomBytes(32).toString('hex'),
  ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
};

beforeAll(async () => {
  redis = await startRedis();
  servers = [await startMisbehaving(), await startMisbehaving()];
  apis = [await startUpstream(), await startUpstream()];
});
afterEach(async () => {
  await redis.cli('flushall');
  for (const server of servers) server.reset();
  for (const api of apis) api.reset();
  await Promise.all(directories.map((directory) => directory.remove()));
  directories = [];
});
afterAll(async () => {
  await Promise.all([...servers, ...apis].map((each) => each.close()));
  await redis.stop();
});

interface Settings {
  server: MisbehavingServer;
  api: string;
  clientId: string;
  environment: string;
  grant: 'authorization_code' | 'client_credentials';
  endpoints: Record<string, string>;
}

const right = (): Settings => ({
  server: servers[0],
  api: `${apis[0].origin}/v1`,
  clientId: servers[0].options.clientId,
  environment: 'test',
  grant: 'authorization_code',
  endpoints: {},
});

/** A server of ours with these settings; `url` is what the browser knows it by. */
async function start(changes: Partial<Settings> = {}, url?: string): Promise<App> {
  const { server, api, clientId, environment, grant, endpoints } = { ...right(), ...changes };
  const file = {
    id: 'acme',
    extends: 'generic-oidc',
    issuer: server.issuer,
    endpoints,
    scopes: ['openid', 'offline_access'],
    api: { base_url: api },
    environments: { test: {}, live: {} },
  };
  const machine = {
    id: 'machine',
    extends: 'generic-oauth2',
    grant: 'client_credentials',
    access: { sessions_with: ['acme:person-1'] },
    endpoints: { token: `${server.base}/token` },
    api: { base_url: api },
  };
  const directory = await createProvidersDirectory({
    acme: stringify(file),
    ...(grant === 'client_credentials' ? { machine: stringify(machine) } : {}),
  });
  directories.push(directory);
  const client = { CLIENT_ID: clientId, CLIENT_SECRET: server.options.clientSecret };
  return startApp({
    ...secrets,
    REDIS_URL: redis.url,
    PROVIDERS_DIR: directory.path,
    ACME_ENVIRONMENT: environment,
    ...Object.fromEntries(Object.entries(client).map(([name, value]) => [`ACME_${name}`, value])),
    ...Object.fromEntries(Object.entries(client).map(([name, value]) => [`MACHINE_${name}`, value])),
    ...(url === undefined ? {} : { PUBLIC_URL: url }),
  });
}

const at = (browser: Browser, { port }: App) =>
  createBrowser(browser.base.href, { routes: { [browser.base.origin]: `http://127.0.0.1:${port}` } }, browser.jar);
const sent = () => [
  apis.map(({ requests }) => requests.length),
  servers.map(({ tokenCalls, revocations }) => tokenCalls.length + revocations.length),
];
const none = [
  [0, 0],
  [0, 0],
];
const forget = () => {
  for (const server of servers) server.reset();
  for (const api of apis) api.reset();
};

async function connectedAtFirst(): Promise<Browser> {
  const first = await start();
  const browser = createBrowser(first.url);
  await connect(browser, 'acme');
  expect((await browser.api.get('/proxy/acme/x')).status).toBe(200);
  await first.close();
  forget();
  return browser;
}

test.each<[string, string, () => Partial<Settings>]>([
  ['another environment', 'environment', () => ({ environment: 'live' })],
  ['another client', 'client_id', () => ({ clientId: 'another-client' })],
  ['another authorization server', 'issuer', () => ({ server: servers[1] })],
  ['another API', 'api_origin', () => ({ api: apis[1].origin })],
  ['another refresh endpoint', 'token_endpoint', () => ({ endpoints: { refresh: `${servers[1].base}/token` } })],
  ['another token endpoint', 'token_endpoint', () => ({ endpoints: { token: `${servers[1].base}/token` } })],
])(
  'a connection is not used, refreshed or revoked with %s, and is usable again after switching back',
  async (_name, reason, changes) => {
    const browser = await connectedAtFirst();
    const second = await start(changes(), browser.base.origin);
    const view = at(browser, second);
    expect(problemOf(await view.api.get('/proxy/acme/x'))).toMatchObject({ status: 401, code: 'reauth_required' });
    expect((await view.api.get('/api/connections/acme')).json).toMatchObject({ status: 'reauth_required' });
    expect(problemOf(await view.api.post('/api/connections/acme/refresh'))).toMatchObject({ code: 'reauth_required' });
    const lines = second.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'connection.made_elsewhere', provider: 'acme', code: reason }),
    );
    await second.close();
    expect(sent()).toEqual(none);

    const third = await start({}, browser.base.origin);
    expect((await at(browser, third).api.get('/proxy/acme/x')).status).toBe(200);
    expect((await at(browser, third).api.post('/api/connections/acme/refresh')).status).toBe(200);
    await third.close();
  },
);

test.each([
  ['disconnect', (browser: Browser) => browser.api.delete('/api/connections/acme')],
  ['logout', (browser: Browser) => browser.api.post('/logout')],
])('a %s removes what was made elsewhere, and sends its tokens nowhere', async (_name, act) => {
  const browser = await connectedAtFirst();
  const second = await start({ environment: 'live', server: servers[1] }, browser.base.origin);
  expect((await act(at(browser, second))).status).toBe(200);
  await second.close();
  expect(sent()).toEqual(none);
  expect(await redis.cli('keys', '*connection:acme')).toBe('');
});

test('a token endpoint that discovery moves elsewhere is not sent the refresh token', async () => {
  const browser = await connectedAtFirst();
  servers[0].bend.discovery = { body: { token_endpoint: `${servers[1].base}/token` } };
  const second = await start({}, browser.base.origin);
  const refreshed = await at(browser, second).api.post('/api/connections/acme/refresh');
  expect(problemOf(refreshed)).toMatchObject({ code: 'reauth_required' });
  await second.close();
  expect(servers.map(({ tokenCalls }) => tokenCalls.length)).toEqual([0, 0]);
});

test('an account that waits for confirmation is not confirmed with other settings', async () => {
  const first = await start();
  const browser = createBrowser(first.url);
  await connect(browser, 'acme');
  servers[0].person.sub = 'person-2';
  await connect(browser, 'acme', { stopAt: 'confirm' });
  servers[0].person.sub = 'person-1';
  await first.close();
  const second = await start({ environment: 'live' }, browser.base.origin);
  const confirmed = await at(browser, second).api.post('/connect/acme/confirm', { json: { decision: 'confirm' } });
  expect(confirmed.status).toBe(400);
  await second.close();
});

test('a code is not sent to another server than the person was sent to', async () => {
  const first = await start();
  const browser = createBrowser(first.url);
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  await first.close();
  forget();
  const second = await start({ server: servers[1] }, browser.base.origin);
  const back = await at(browser, second).navigate(callbackUrl ?? '', { from: servers[0].origin, follow: false });
  expect(back.headers.location).toContain('connect_error=');
  await second.close();
  expect(servers.map(({ tokenCalls }) => tokenCalls.length)).toEqual([0, 0]);
});

test("an application's token of other settings is replaced by a new one", async () => {
  const application = { grant: 'client_credentials' } as const;
  const first = await start(application);
  const browser = createBrowser(first.url);
  await connect(browser, 'acme');
  expect((await browser.api.get('/proxy/machine/x')).status).toBe(200);
  const token = apis[0].last.bearer;
  await first.close();
  const second = await start({ ...application, server: servers[1], api: apis[1].origin }, browser.base.origin);
  const other = createBrowser(browser.base.href, {
    routes: { [browser.base.origin]: `http://127.0.0.1:${second.port}` },
  });
  await connect(other, 'acme');
  expect((await other.api.get('/proxy/machine/x')).status).toBe(200);
  expect(apis[1].last.bearer).not.toBe(token);
  await second.close();
});
