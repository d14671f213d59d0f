import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { freePort } from '../world/listen.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { jsonReply } from '../world/reply.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import type { ConnectionJson } from './provider-world.js';

const page = readFileSync(new URL('../../docs/adding-a-provider.md', import.meta.url), 'utf8');
/** The blocks of one language on the page, without the indentation of the list that they stand in. */
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^ *\`\`\`$`, 'gm'))].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

const exportsOf = (block: string): Record<string, string> =>
  Object.fromEntries(
    [...block.matchAll(/^export (\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value] as const),
  );

let server: MisbehavingServer;
let upstream: Upstream;
let directory: ProvidersDirectory;
let app: App;

beforeAll(async () => {
  const [start = ''] = blocks('sh');
  const exported = exportsOf(start);
  server = await startMisbehaving({
    clientId: exported['ACME_CLIENT_ID'] ?? '',
    clientSecret: exported['ACME_CLIENT_SECRET'] ?? '',
  });
  upstream = await startUpstream();
  upstream.answer('/v1/invoices', jsonReply([{ id: 1 }]));
  upstream.answer('/api/entries', jsonReply([{ id: 2 }]));
  // Only the addresses of the page are made those of servers that exist here.
  const here = (text: string) =>
    text
      .replace('https://id.acme.example/', server.issuer)
      .replace('https://api.acme.example', upstream.origin)
      .replace('https://ledger.example/oauth/authorize', `${server.base}/authorize`)
      .replace('https://ledger.example/oauth/token', `${server.base}/token`)
      .replace('https://ledger.example', upstream.origin);
  const [acme = '', , ledger = ''] = blocks('yaml').map(here);
  directory = await createProvidersDirectory({ acme, ledger });
  const { PORT = '' } = await testEnvironment();
  app = await startApp({
    PORT,
    ...exported,
    PROVIDERS_DIR: directory.path,
    LEDGER_CLIENT_ID: exported['ACME_CLIENT_ID'] ?? '',
    LEDGER_CLIENT_SECRET: exported['ACME_CLIENT_SECRET'] ?? '',
  });
});
afterAll(async () => {
  await app.close();
  await Promise.all([server.close(), upstream.close(), directory.remove()]);
});

test('the files and variables of the page connect a provider, and its pages say what the page says', async () => {
  const browser = createBrowser(app.url);
  expect((await browser.navigate('/')).text).toContain('Acme Books');
  expect((await connect(browser, 'acme')).finalUrl.searchParams.get('connected')).toBe('acme');
  const rows = await browser.api.get('/proxy/acme/invoices');
  expect([rows.status, rows.json]).toEqual([200, [{ id: 1 }]]);
  expect((await browser.navigate('/connections/acme')).text).toContain('Invoices');
  expect((await browser.navigate('/setup/acme')).text).toContain(`${app.url}/connect/acme/callback`);
});

test('so does the file for a server without OpenID Connect', async () => {
  const browser = createBrowser(app.url);
  expect((await connect(browser, 'ledger')).finalUrl.searchParams.get('connected')).toBe('ledger');
  expect((await browser.api.get('/proxy/ledger/entries')).json).toEqual([{ id: 2 }]);
});

test('its only command is the one that starts the server', () => {
  const commands = blocks('sh')
    .flatMap((text) => text.trim().split('\n'))
    .filter((line) => !line.startsWith('export '));
  expect(commands).toEqual(['npm start', 'npm start']);
});

test('the file for the sandbox connects it, as it stands and with what the page says to leave out', async () => {
  const [, file = ''] = blocks('yaml');
  const [, start = ''] = blocks('sh');
  const attempt = async (text: string) => {
    const port = String(await freePort());
    const folder = await createProvidersDirectory({ acme: text.replaceAll('3100', port) });
    const variables = { ...exportsOf(start), PROVIDERS_DIR: folder.path, SANDBOX_PORT: port };
    const { PORT = '' } = await testEnvironment();
    const own = await startApp({ PORT, ...variables });
    try {
      const browser = createBrowser(own.url);
      const { finalUrl } = await connect(browser, 'acme');
      expect(finalUrl.searchParams.get('connected')).toBe('acme');
      const rows = await browser.api.get('/proxy/acme/invoices');
      const { access } = (await browser.api.get('/api/connections/acme')).json as ConnectionJson;
      return { status: rows.status, rows: rows.json, refreshable: access?.refreshable };
    } finally {
      await own.close();
      await folder.remove();
    }
  };
  expect(await attempt(file)).toMatchObject({
    status: 200,
    rows: expect.arrayContaining([expect.anything()]),
    refreshable: true,
  });
  expect(await attempt(file.replace(/^authorization.*\n/m, ''))).toMatchObject({ status: 401 });
  expect(await attempt(file.replace(/^  headers.*\n/m, ''))).toMatchObject({ status: 400 });
  expect(await attempt(file.replace(', offline_access', ''))).toMatchObject({ status: 200, refreshable: false });
});
