import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createBrowser, type Browser } from '../world/browser.js';
import { startApp, type App } from '../world/app.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { jsonReply } from '../world/reply.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import { problemOf, statuses } from './refresh-world.js';

/* A provider without refresh tokens whose API says 403 both for an ended token and for what a subscription lacks. */
let server: MisbehavingServer;
let api: Upstream;
let directory: ProvidersDirectory;
let app: App;
let browser: Browser;

beforeAll(async () => {
  server = await startMisbehaving();
  api = await startUpstream({ accepts: (token) => server.grants.accepts(token), refusal: jsonReply({}, 403) });
  const more = { api: { base_url: api.origin, auth_failure_status: [403], auth_probe: { path: '/probe' } } };
  directory = await createProvidersDirectory({ acme: server.providerFile({ protocol: 'oauth2', more }) });
  app = await startApp({ PROVIDERS_DIR: directory.path, ...server.environment() });
});
beforeEach(async () => {
  server.reset();
  api.reset();
  server.bend.token = { body: { refresh_token: undefined } };
  browser = createBrowser(app.url);
  await connect(browser, 'acme');
});
afterAll(async () => {
  await app.close();
  await Promise.all([server.close(), api.close(), directory.remove()]);
});

const call = () => browser.api.get('/proxy/acme/prices');
const probes = () => api.requests.filter(({ url }) => url === '/probe').length;
const status = async () => ((await browser.api.get('/api/connections/acme')).json as { status: string }).status;

test('a refusal is passed on where the test call says that the token is good, and a storm costs one test call', async () => {
  api.answer('/prices', jsonReply({ error: 'not in your plan' }, 403));
  const first = await call();
  expect([first.status, first.headers['x-gatehouse-error']]).toEqual([403, undefined]);
  expect(await statuses(20, call)).toEqual(Array(20).fill(403));
  expect(probes()).toBe(1);
  expect(await status()).not.toBe('reauth_required');
  app.forward(11);
  await call();
  expect(probes()).toBe(2);
});

test('a token that fails the test call, too, has ended early', async () => {
  server.grants.expireAccessTokens();
  expect(problemOf(await call())).toMatchObject({ status: 401, code: 'reauth_required' });
  expect(await status()).toBe('reauth_required');
  const before = api.requests.length;
  expect((await call()).status).toBe(401);
  expect(api.requests).toHaveLength(before);
  expect(server.calls.token).toBe(1);
});

test('a test call that cannot be made ends nothing', async () => {
  api.answer('/prices', jsonReply({}, 403));
  api.answer('/probe', { instead: 'cut' });
  expect((await call()).status).toBe(403);
  expect(await status()).not.toBe('reauth_required');
});

test('at its expiry the connection is over without a token call', async () => {
  app.forward(3600);
  expect(problemOf(await call())).toMatchObject({ status: 401, code: 'reauth_required' });
  expect(server.calls.token).toBe(1);
  expect(api.requests).toHaveLength(0);
});
