import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { jsonReply } from '../world/reply.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

const page = readFileSync(new URL('../../docs/adding-a-provider.md', import.meta.url), 'utf8');
/** The blocks of one language on the page, without the indentation of the list that they stand in. */
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^ *\`\`\`$`, 'gm'))].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

let server: MisbehavingServer;
let upstream: Upstream;
let directory: ProvidersDirectory;
let app: App;

beforeAll(async () => {
  const [start = ''] = blocks('sh');
  const exported: Record<string, string> = Object.fromEntries(
    [...start.matchAll(/^export (\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value] as const),
  );
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
  const [acme = '', ledger = ''] = blocks('yaml').map(here);
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
  expect(commands).toEqual(['npm start']);
});
