import { afterEach, describe, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { freePort } from '../world/listen.js';
import { startOidcProvider, type OidcProvider } from '../world/oidc-provider.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { connectionOf } from './world.js';
import { withoutId } from '../world/without-id.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(
  clientAuthentication: 'client_secret_post' | 'client_secret_basic',
  publicUrl?: string,
): Promise<{ app: App; provider: OidcProvider; port: number }> {
  const port = await freePort();
  const base = publicUrl ?? `http://localhost:${port}`;
  const provider = await startOidcProvider({ redirectUris: [`${base}/connect/acme/callback`], clientAuthentication });
  const account = { source: 'userinfo', subject: 'sub', label: ['email'] };
  const directory = await createProvidersDirectory({ acme: provider.providerFile({ more: { account } }) });
  const app = await startApp({
    PORT: String(port),
    PROVIDERS_DIR: directory.path,
    ...provider.environment(),
    ...(publicUrl === undefined ? {} : { PUBLIC_URL: publicUrl }),
  });
  closers.push(
    () => directory.remove(),
    () => provider.close(),
    () => app.close(),
  );
  return { app, provider, port };
}

describe.each(['client_secret_post', 'client_secret_basic'] as const)(
  'a certified server with %s',
  (authentication) => {
    test('is connected through its own pages, and its account is read from userinfo', async () => {
      const { app, provider } = await start(authentication);
      const browser = createBrowser(app.url);
      const journey = await connect(browser, 'acme', { query: { return_to: '/app' } });
      expect(withoutId(journey.finalUrl)).toBe(`${app.url}/app?connected=acme#`);
      expect(await connectionOf(browser)).toMatchObject({ status: 'connected', account: { label: 'jo@example.test' } });
      expect(provider.tokenCalls).toBe(1);
    });
  },
);

test('a person who refuses at a certified server comes back without a connection', async () => {
  const { app, provider } = await start('client_secret_post');
  const browser = createBrowser(app.url);
  const journey = await connect(browser, 'acme', { consent: false });
  expect(journey.finalUrl.searchParams.get('connect_error')).toBe('access_denied');
  expect([provider.tokenCalls, browser.cookie('gatehouse')]).toEqual([0, undefined]);
});

test('behind TLS and below a path, everything follows PUBLIC_URL', async () => {
  const { app, port } = await start('client_secret_post', 'https://app.test/gate');
  const browser = createBrowser(`${app.url}/`, { routes: { 'https://app.test': `http://127.0.0.1:${port}` } });
  const journey = await connect(browser, 'acme', { query: { return_to: '/page' } });
  expect(withoutId(journey.finalUrl)).toBe('https://app.test/page?connected=acme#');
  expect(journey.final.setCookies.join()).toMatch(/__Host-gatehouse=[^;]+;.*Secure/);
  for (const { name, secure, path, hostOnly } of browser.cookies().filter((each) => each.host === 'app.test'))
    expect([name.startsWith('__Host-'), secure, path, hostOnly]).toEqual([true, true, '/', true]);
});
