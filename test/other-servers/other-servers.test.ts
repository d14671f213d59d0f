import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { clientEnvironment, createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { spoken, type ConnectionJson } from '../providers/provider-world.js';
import { startAuthlib } from './authlib.js';
import { startCertified } from './certified.js';
import { startGlewlwyd } from './glewlwyd.js';
import { startNodeOAuth } from './node-oauth.js';
import type { OtherServer } from './other-server.js';

const client = { clientId: 'gatehouse', clientSecret: 'a-secret_with.every~kind:of%20sign+and/more' };

describe.each([
  ['Authlib (Python)', startAuthlib, 'revoked'],
  ['Glewlwyd (C)', startGlewlwyd, 'revoked'],
  ['oidc-provider, which is certified', startCertified, 'revoked'],
  ['@node-oauth/oauth2-server', startNodeOAuth, 'not_supported'],
] as const)('%s works by its provider file alone', (_name, start, revocation) => {
  let server: OtherServer;
  let directory: ProvidersDirectory;
  let app: App;
  beforeAll(async () => {
    const { PORT = '' } = await testEnvironment();
    server = await start({ ...client, redirectUri: `http://localhost:${PORT}/connect/acme/callback` });
    directory = await createProvidersDirectory({ acme: stringify({ id: 'acme', name: 'Acme', ...server.file }) });
    const { clientId, clientSecret } = server.client ?? client;
    app = await startApp({ PORT, PROVIDERS_DIR: directory.path, ...clientEnvironment('acme', clientId, clientSecret) });
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([server.close(), directory.remove()]);
  });

  test('connect, call, renew, disconnect', async () => {
    const browser = createBrowser(app.url);
    const state = async () => (await browser.api.get('/api/connections/acme')).json as ConnectionJson;
    expect((await connect(browser, 'acme')).finalUrl.searchParams.get('connected')).toBe('acme');
    expect(await state()).toMatchObject({
      status: 'connected',
      account: { label: server.label },
      access: { refreshable: true, source: 'expires_in' },
    });
    const { path, answer } = server.me;
    const me = await browser.api.get(`/proxy/acme${path}`);
    expect([me.status, me.json]).toMatchObject([200, answer]);

    for (let hour = 0; hour < 2; hour += 1) {
      app.forward(3590);
      const answers = await Promise.all(Array.from({ length: 5 }, () => browser.api.get(`/proxy/acme${path}`)));
      expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    }
    expect((await state()).last_refresh?.result).toBe('rotated');
    expect((await browser.api.delete('/api/connections/acme')).json).toEqual({ provider: 'acme', revocation });
    expect(spoken(await browser.api.get(`/proxy/acme${path}`))).toEqual([401, 'not_connected']);
  });

  test('a code that is no good connects nothing', async () => {
    const browser = createBrowser(app.url);
    const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
    callbackUrl?.searchParams.set('code', 'spent');
    const answer = await browser.navigate(callbackUrl ?? '', { follow: false });
    expect(answer.location?.searchParams.get('connect_error')).toBe('code_exchange_rejected');
  });

  // The form that stands in for Glewlwyd's own pages only agrees.
  if (start !== startGlewlwyd)
    test('a person who refuses comes back without a connection', async () => {
      const refused = await connect(createBrowser(app.url), 'acme', { consent: false });
      expect(refused.finalUrl.searchParams.get('connect_error')).toBe('access_denied');
    });
});
