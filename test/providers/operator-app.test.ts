import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApp } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { startOwnFiles, type OwnFilesWorld } from './own-files.js';
import { spoken } from './provider-world.js';

const at = (issuer = 'SANDBOX/request-finance') => `
issuer: ${issuer}/
discovery_url: ${issuer}/.well-known/openid-configuration
api: { base_url: ${issuer}/api }
`;
const jo = 'person:auth0|65f1a0c27d1e4b0012aa0001';
const application = (id: string, access: string) =>
  `id: ${id}\nextends: request-finance-m2m\naccess: ${access}\n${at()}`;

const plain = (html: string) => html.replaceAll('&#39;', "'");

let world: OwnFilesWorld;
beforeAll(async () => {
  const clients = { client: { provider: 'request-finance-m2m' } } as const;
  world = await startOwnFiles({
    person: { text: `id: person\nextends: request-finance\n${at()}`, client: { provider: 'request-finance' } },
    app: { text: application('app', `{ sessions_with: ['${jo}'] }`), ...clients },
    closed: { text: application('closed', 'none'), ...clients },
    // One flow per app: this is the other flow's.
    wrong: { text: application('wrong', `{ sessions_with: ['${jo}'] }`), client: { provider: 'request-finance' } },
    crossed: { text: `id: crossed\nextends: request-finance\n${at()}`, ...clients },
  });
});
afterAll(() => world.close());

test("the operator's own application serves the sessions that the file names, with one token for all", async () => {
  const before = world.sandbox.control.calls()['request-finance-m2m'].token;
  const browsers = [createBrowser(world.app.url), createBrowser(world.app.url)];
  for (const browser of browsers) await connect(browser, 'person');
  const answers = await Promise.all(
    browsers.flatMap((browser) => [1, 2, 3].map(() => browser.api.get('/proxy/app/invoices'))),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect(world.sandbox.control.calls()['request-finance-m2m'].token).toBe(before + 1);
  world.app.forward(86_400);
  expect((await browsers[0]?.api.get('/proxy/app/invoices'))?.status).toBe(200);
  expect(world.sandbox.control.calls()['request-finance-m2m'].token).toBe(before + 2);
});

test('other sessions may not use it, and nobody connects to it', async () => {
  const kari = createBrowser(world.app.url);
  await connect(kari, 'person', { values: { username: 'kari@example.org' } });
  for (const id of ['app', 'closed'])
    expect(spoken(await kari.api.get(`/proxy/${id}/invoices`))).toEqual([403, 'access_denied']);
  expect(spoken(await createBrowser(world.app.url).api.get('/proxy/app/invoices'))).toEqual([401, 'login_required']);
  expect((await kari.navigate('/connect/app', { from: kari.base })).status).toBe(404);
});

test('its page says whose account it is and that there is nothing to connect; the start page shows those alone who may use it', async () => {
  const visitor = createBrowser(world.app.url);
  const said = { en: "with the administrator's own account", nb: 'med driftsansvarliges egen konto' };
  for (const [language, words] of Object.entries(said)) {
    const html = plain((await visitor.navigate(`/connections/app?lang=${language}`)).text);
    expect(html).toContain(words);
    expect(html).not.toMatch(
      /You sign in at the provider|Du logger inn hos|data-status="not_connected"|action="\/connect\//,
    );
  }
  expect((await visitor.navigate('/')).text).not.toContain('id="provider-app"');
  const jo = createBrowser(world.app.url);
  await connect(jo, 'person');
  const home = (await jo.navigate('/')).text;
  expect([home.includes('id="provider-app"'), home.includes('id="provider-closed"')]).toEqual([true, false]);
  expect((await jo.navigate('/connections/app')).text).toContain('data-explorer');
  expect((await jo.api.get('/api/connections/app')).json).toMatchObject({ status: 'connected' });
});

test("where all providers are the operator's own, the start page says so and not that none is set up", async () => {
  const directory = await createProvidersDirectory({ alone: 'id: alone\nextends: request-finance-m2m\n' });
  const client = { ALONE_CLIENT_ID: 'one', ALONE_CLIENT_SECRET: 's' };
  const app = await startApp({ PROVIDERS_DIR: directory.path, ...client });
  const { text } = await createBrowser(app.url).navigate('/');
  await app.close();
  await directory.remove();
  expect(text).toContain('There is nothing to connect here');
  expect(text).not.toContain('No provider is set up');
});

test('an app of the other flow is explained to the operator, and nothing is connected', async () => {
  const browser = createBrowser(world.app.url);
  await connect(browser, 'person');
  expect(spoken(await browser.api.get('/proxy/wrong/invoices'))).toEqual([502, 'provider_misconfigured']);
  expect(world.app.lines.join('')).toContain('Client credentials need an app of their own');
  const crossed = await connect(browser, 'crossed').catch(() => undefined);
  expect(crossed?.finalUrl.searchParams.has('connected') ?? false).toBe(false);
});

test('one client in two environments is a warning in development, and stops production unless declared', async () => {
  const file = (id: string) => `id: ${id}\nextends: request-finance\n`;
  const directory = await createProvidersDirectory({ 'rf-live': file('rf-live'), 'rf-test': file('rf-test') });
  const env = {
    PROVIDERS_DIR: directory.path,
    RF_LIVE_CLIENT_ID: 'one',
    RF_LIVE_CLIENT_SECRET: 's',
    RF_LIVE_ENVIRONMENT: 'live',
    RF_TEST_CLIENT_ID: 'one',
    RF_TEST_CLIENT_SECRET: 's',
    RF_TEST_ENVIRONMENT: 'test',
  };
  const words = 'share one client id';
  const development = await startApp(env);
  await development.close();
  expect(development.lines.join('')).toContain(words);
  const production = {
    ...env,
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://connect.acme.test',
    REDIS_URL: 'redis://127.0.0.1:1',
  };
  await expect(startApp(production)).rejects.toThrow(words);
  const declared = await startApp({ ...production, RF_LIVE_SHARED_CLIENT: 'true' }).catch((error: unknown) =>
    String(error),
  );
  if (typeof declared !== 'string') await declared.close();
  else expect(declared).not.toContain(words);
  await directory.remove();
});
