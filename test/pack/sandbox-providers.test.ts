import { afterEach, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { freePort } from '../world/listen.js';
import { createProvidersDirectory } from '../world/providers-directory.js';

let app: App | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const start = async (env: Record<string, string>) => {
  const port = String(await freePort());
  app = await startApp({ SANDBOX_PORT: port, ...env });
  return { app, sandbox: `http://127.0.0.1:${port}` };
};

const emulated = async (sandbox: string) => {
  const state = (await (await fetch(`${sandbox}/control/state`)).json()) as { providers: object };
  return Object.keys(state.providers);
};

test('the sandbox starts no provider of the catalogue that nobody named', async () => {
  const { app: gatehouse, sandbox } = await start({ SANDBOX: 'on' });
  expect(await emulated(sandbox)).not.toContain('slack');
  expect((await fetch(`${sandbox}/pack/slack/slack.com/api/auth.test`)).status).toBe(404);
  expect((await createBrowser(gatehouse.url).get('/connect/slack')).status).toBe(404);
});

test('one that is named is on offer beside the four', async () => {
  const { sandbox } = await start({ SANDBOX: 'on', SANDBOX_PROVIDERS: 'slack, google' });
  expect(await emulated(sandbox)).toEqual(expect.arrayContaining(['luca', 'slack', 'google']));
});

test("a file of the operator's own is played as it says", async () => {
  const directory = await createProvidersDirectory({
    ledger: `
id: ledger
name: Ledger
extends: generic-oauth2
client_authentication: client_secret_basic
endpoints:
  authorization: https://ledger.example/oauth/authorize
  token: https://ledger.example/oauth/token
scopes: [read]
authorization: { parameters: { audience: books } }
token: { request: { format: json }, answer: { access_token: /data/token } }
revocation: { token: 'off' }
api:
  base_url: https://api.ledger.example/v1
  examples: [{ name: Invoices, path: /invoices, rows: /items, columns: [{ path: /number }] }]
`,
  });
  const { app: gatehouse } = await start({ SANDBOX: 'on', PROVIDERS_DIR: directory.path, SANDBOX_PROVIDERS: 'ledger' });
  const browser = createBrowser(gatehouse.url);
  await connect(browser, 'ledger');
  const { status, text } = await browser.api.get('/proxy/ledger/invoices');
  expect([status, (JSON.parse(text) as { items: unknown[] }).items.length]).toEqual([200, 3]);
  await directory.remove();
});

test('a name that no file has stops the start, and so does production', async () => {
  await expect(start({ SANDBOX_PROVIDERS: 'slak' })).rejects.toThrow(/SANDBOX_PROVIDERS.*no provider slak/s);
  await expect(start({ NODE_ENV: 'production', SANDBOX_PROVIDERS: 'slack' })).rejects.toThrow(
    /SANDBOX_PROVIDERS.*for development/s,
  );
});

test('a provider that takes keys shows one of the sandbox on its page, and accepts it', async () => {
  const directory = await createProvidersDirectory({
    keyed: `
id: keyed
name: Keyed Books
grant: api_key
api:
  base_url: https://api.keyed.example/v1
  token: { header: X-Key }
  examples: [{ name: Invoices, path: /invoices, rows: /items, columns: [{ path: /number }] }]
account: { source: api, request: { path: /self }, subject: id, label: [name] }
`,
  });
  const { app: gatehouse } = await start({ SANDBOX: 'on', PROVIDERS_DIR: directory.path, SANDBOX_PROVIDERS: 'keyed' });
  const browser = createBrowser(gatehouse.url);
  const page = await browser.navigate('/connect/keyed?return_to=/', { from: browser.base });
  const [, key = ''] = /<code>(sandbox-keyed-\w+)<\/code>/.exec(page.text) ?? [];
  const done = await browser.submit(page, { values: { key } });
  expect(done.location?.searchParams.get('connected')).toBe('keyed');
  expect((await browser.api.get('/proxy/keyed/invoices')).status).toBe(200);
  await directory.remove();
});
