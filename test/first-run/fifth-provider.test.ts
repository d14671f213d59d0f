import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { connect } from '../world/journey.js';
import { startOidcProvider, type OidcProvider } from '../world/oidc-provider.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { jsonReply } from '../world/reply.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import { newBrowser, type ConnectionBody } from './journeys.js';
import { withoutId } from '../world/without-id.js';

let upstream: Upstream;
let server: OidcProvider;
let directory: ProvidersDirectory;
let app: App;

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.answer('/v1/invoices', jsonReply([{ id: 1 }, { id: 2 }]));
  const { PORT = '' } = await testEnvironment();
  server = await startOidcProvider({ redirectUris: [`http://localhost:${PORT}/connect/acme/callback`] });
  const file = server.providerFile({ apiBase: `${upstream.origin}/v1` });
  directory = await createProvidersDirectory({ acme: file });
  app = await startApp({ PORT, PROVIDERS_DIR: directory.path, ...server.environment() });
});
afterAll(async () => {
  await app.close();
  await Promise.all([server.close(), upstream.close(), directory.remove()]);
});

test('a fifth provider is one file and two variables: connect, call, renew, disconnect', async () => {
  const browser = newBrowser(app.url);
  const { finalUrl } = await connect(browser, 'acme', { query: { return_to: '/somewhere?kept=1' } });
  expect(withoutId(finalUrl.pathname + finalUrl.search)).toBe('/somewhere?kept=1&connected=acme');

  const rows = await browser.api.get('/proxy/acme/invoices');
  expect([rows.status, JSON.parse(rows.text)]).toEqual([200, [{ id: 1 }, { id: 2 }]]);
  const first = upstream.last.bearer;
  expect(first).toMatch(/^[\w.-]{20,}$/);

  const calls = server.tokenCalls;
  app.forward(3590);
  const answers = await Promise.all(Array.from({ length: 10 }, () => browser.api.get('/proxy/acme/invoices')));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(server.tokenCalls).toBe(calls + 1);
  expect(upstream.last.bearer).not.toBe(first);
  const state = JSON.parse((await browser.api.get('/api/connections/acme')).text) as ConnectionBody & {
    last_refresh: { result: string };
  };
  expect([state.status, state.last_refresh.result]).toEqual(['connected', 'rotated']);

  const gone = await browser.api.delete('/api/connections/acme');
  expect([gone.status, JSON.parse(gone.text)]).toEqual([200, { provider: 'acme', revocation: 'revoked' }]);
  expect((await browser.api.get('/proxy/acme/invoices')).headers['x-gatehouse-error']).toBe('not_connected');
});

test('what the person refuses is told, changes nothing, and can be tried again', async () => {
  const browser = newBrowser(app.url);
  const refused = await connect(browser, 'acme', { consent: false });
  expect(refused.finalUrl.searchParams.get('connect_error')).toBe('access_denied');
  expect((await browser.api.get('/api/session')).text).toContain('"active":false');
  const { finalUrl } = await connect(browser, 'acme');
  expect(finalUrl.searchParams.get('connected')).toBe('acme');
});
