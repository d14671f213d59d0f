import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { eventually } from '../world/redis.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

const mutation = JSON.stringify({ query: 'mutation { pay }' });
let server: MisbehavingServer;
let upstream: Upstream;
let directory: ProvidersDirectory;
let app: App;
let browser: Browser;

beforeAll(async () => {
  [server, upstream] = await Promise.all([startMisbehaving(), startUpstream()]);
  const more = {
    api: {
      base_url: upstream.origin,
      timeout: 1,
      max_body: '1kb',
      auth_failure_body: { pointer: '/errors/*/code', values: ['UNAUTHENTICATED'] },
      allow: [
        { methods: ['GET', 'POST'], path: '/things/**' },
        { methods: ['QUERY', 'DELETE'], path: '/searches' },
      ],
      examples: [
        { name: 'Things', path: '/things/hanging' },
        { name: 'Pay', method: 'POST', path: '/things/pay', body: mutation },
      ],
    },
    organizations: { request: { path: '/organizations' }, id: 'id', name: ['name'], header: 'X-Organization' },
  };
  directory = await createProvidersDirectory({ acme: server.providerFile({ more }) });
  const env = { PROVIDERS_DIR: directory.path, ...server.environment(), ALLOWED_ORIGINS: 'http://127.0.0.1:3999' };
  app = await startApp({ ...env, PROXY_CALLS_PER_SESSION: '3', LOG_LEVEL: 'debug' });
});
beforeEach(async () => {
  server.reset();
  upstream.reset();
  browser = createBrowser(app.url);
  await connect(browser, 'acme');
});
afterAll(async () => {
  await app.close();
  await Promise.all([server.close(), upstream.close(), directory.remove()]);
});

const showExample = (number: string) =>
  browser.post('/connections/acme/example', { form: { example: number }, headers: { 'x-csrf': '1' } });

test('example calls and lists of organizations count as calls of the session', async () => {
  const other = createBrowser(app.url);
  await connect(other, 'acme');
  let letGo = (): void => undefined;
  const wait = new Promise<void>((resolve) => (letGo = resolve));
  upstream.answer(/hanging|organizations/, { wait, body: '[]' });
  const asked = upstream.requests.length;
  const lists = [1, 2].map(() => browser.api.get('/api/connections/acme/organizations'));
  const example = showExample('0');
  await eventually(() => Promise.resolve(upstream.requests.length - asked === 3));
  expect((await browser.api.get('/proxy/acme/things/1')).json).toMatchObject({ code: 'rate_limited' });
  expect((await browser.api.get('/api/connections/acme/organizations')).json).toMatchObject({ code: 'rate_limited' });
  expect((await showExample('0')).text).toContain('rate_limited');
  expect((await other.api.get('/proxy/acme/things/1')).status).toBe(200);
  letGo();
  expect((await Promise.all(lists)).map(({ json }) => json)).toMatchObject([
    { organizations: [] },
    { organizations: [] },
  ]);
  await example;
  expect((await browser.api.get('/proxy/acme/things/1')).status).toBe(200);
});

const refused = {
  body: JSON.stringify({ errors: [{ code: 'UNAUTHENTICATED' }] }),
  headers: { 'content-type': 'application/json' },
};

test.each([
  ['a mutation', 1, mutation, 'token_refreshed'],
  ['a query', 2, JSON.stringify({ query: 'query { pay }' }), undefined],
])('%s that is refused inside a 200 is sent %i times', async (_, times, body, reason) => {
  upstream.answer('/things/pay', refused, { times: 1 });
  const headers = { 'content-type': 'application/json' };
  const response = await browser.api.post('/proxy/acme/things/pay', { body, headers });
  expect([response.status, response.headers['x-gatehouse-reason']]).toEqual([200, reason]);
  expect(upstream.requests.filter(({ url }) => url === '/things/pay')).toHaveLength(times);
  expect(server.tokenCallsOf('refresh_token')).toBe(1);
});

test('an example that is a mutation is sent once, too', async () => {
  upstream.answer('/things/pay', refused);
  await showExample('1');
  expect(upstream.requests.filter(({ url }) => url === '/things/pay')).toHaveLength(1);
});

test('a preflight names the methods that the file allows, and a refusal the same', async () => {
  const preflight = async (path: string) =>
    (
      await browser.request('OPTIONS', path, {
        headers: { origin: 'http://127.0.0.1:3999', 'access-control-request-method': 'GET' },
      })
    ).headers['access-control-allow-methods'];
  expect(await preflight('/proxy/acme/things/1')).toBe('GET, POST');
  expect(await preflight('/proxy/acme/searches')).toBe('QUERY, DELETE');
  expect(await preflight('/api/session')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  const refusal = await browser.api.delete('/proxy/acme/things/1');
  expect([refusal.status, refusal.headers['allow']]).toEqual([405, 'GET, POST']);
});

test('whatever an API calls its limits and ids can be read by an allowed origin', async () => {
  upstream.answer('/things/1', {
    headers: { 'X-Rate-Limit-Remaining': '7', 'X-Page-Token': 'b', 'Set-Cookie': 'a=b' },
  });
  const { headers } = await browser.api.get('/proxy/acme/things/1', { headers: { origin: 'http://127.0.0.1:3999' } });
  const names = headers['access-control-expose-headers'];
  expect(names).toMatch(/X-Rate-Limit-Remaining, X-Page-Token|x-rate-limit-remaining, x-page-token/i);
  expect(names).not.toMatch(/set-cookie/i);
  expect((await browser.api.get('/proxy/acme/things/1')).headers).not.toHaveProperty('access-control-expose-headers');
});

test('the file sets how long a call may take, and how large its body may be', async () => {
  upstream.answer('/things/slow', { wait: new Promise<void>((resolve) => setTimeout(resolve, 4_000).unref()) });
  expect((await browser.api.get('/proxy/acme/things/slow')).json).toMatchObject({ code: 'upstream_timeout' });
  const large = await browser.api.post('/proxy/acme/things/1', { body: 'a'.repeat(1025) });
  expect(large.json).toMatchObject({ code: 'body_too_large' });
});

test('Idempotency-Key passes; the names of what does not stand in a debug line, without a value', async () => {
  const headers = { 'idempotency-key': 'k1', 'x-own': 'canary-value', 'x-tenant': 'b' };
  expect((await browser.api.get('/proxy/acme/things/1', { headers })).status).toBe(200);
  expect(upstream.requests.at(-1)?.headers).toMatchObject({ 'idempotency-key': 'k1' });
  const line = app.lines.find((text) => text.includes('proxy.headers_dropped') && text.includes('x-own'));
  expect(line).toMatch(/x-own.* x-tenant/);
  expect(app.lines.join()).not.toContain('canary-value');
});
