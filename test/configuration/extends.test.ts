import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';

/** An entry of the catalogue that is changed under its own id, and one of the operator's that starts from another. */
const files = {
  invoiced: `
id: invoiced
extends: invoiced
scopes: [read]
authorization:
  parameters: { added: 'yes' }
environments:
  sandbox:
    endpoints: { authorization: 'https://books.example.test/authorize' }
`,
  plain: `
id: plain
extends: invoiced
scopes: null
authorization: { pkce: null, denial: null }
api: { cache: null }
`,
  acme: `
id: acme
extends: request-finance
name: Acme Books
issuer: null
protocol: oauth2
organizations: null
endpoints: { authorization: 'https://id.acme.test/authorize?tenant=7', token: 'https://id.acme.test/token' }
scopes: [one, two]
authorization:
  parameters: { audience: null, resource: 'https://api.acme.test' }
  nonce: 'off'
environments: null
default_environment: null
api: { base_url: 'https://api.acme.test/v1' }
`,
};

let directory: ProvidersDirectory;
let app: App;
beforeAll(async () => {
  directory = await createProvidersDirectory(files);
  app = await startApp({
    PROVIDERS_DIR: directory.path,
    ...{ INVOICED_CLIENT_ID: 'inv', INVOICED_CLIENT_SECRET: 'x', INVOICED_ENVIRONMENT: 'sandbox' },
    ...{ PLAIN_CLIENT_ID: 'pla', PLAIN_CLIENT_SECRET: 'x' },
    ...{ ACME_CLIENT_ID: 'acm', ACME_CLIENT_SECRET: 'x' },
  });
});
afterAll(async () => {
  await app.close();
  await directory.remove();
});

async function authorizationUrl(provider: string): Promise<URL> {
  const browser = createBrowser(app.url);
  const { location } = await browser.navigate(`/connect/${provider}`, { from: browser.base, follow: false });
  if (!location) throw new Error('no redirect');
  return location;
}

test('a file may change an entry of the catalogue under its own id: maps merge, lists replace', async () => {
  const url = await authorizationUrl('invoiced');
  expect(url.origin + url.pathname).toBe('https://books.example.test/authorize');
  expect(url.searchParams.get('scope')).toBe('read');
  expect(url.searchParams.get('added')).toBe('yes');
  expect(url.searchParams.get('client_id')).toBe('inv');
  const { connections } = (await createBrowser(app.url).api.get('/api/session')).json as {
    connections: { provider: string; name: string; environment: string }[];
  };
  const { name, environment } = connections.find(({ provider }) => provider === 'invoiced') ?? {};
  expect([name, environment]).toEqual(['Invoiced', 'sandbox']);
});

test('null removes what the entry below had, at any depth', async () => {
  const url = await authorizationUrl('acme');
  expect(url.origin + url.pathname).toBe('https://id.acme.test/authorize');
  const { audience, nonce, resource, scope, tenant } = Object.fromEntries(url.searchParams);
  expect({ audience, nonce, resource, scope, tenant }).toEqual({
    resource: 'https://api.acme.test',
    scope: 'one two',
    tenant: '7',
  });
  const { json } = await createBrowser(app.url).api.get('/api/connections/acme');
  expect(json).toMatchObject({ name: 'Acme Books', environment: null, organization: null });
});

test('a provider without a client id is not on offer', async () => {
  const { connections } = (await createBrowser(app.url).api.get('/api/session')).json as {
    connections: { provider: string }[];
  };
  expect(connections.map(({ provider }) => provider).sort()).toEqual(['acme', 'invoiced', 'plain']);
  expect((await createBrowser(app.url).api.get('/api/connections/luca')).status).toBe(404);
});

test('null removes a list and a single value, too', async () => {
  const { searchParams } = await authorizationUrl('plain');
  expect([searchParams.get('client_id'), searchParams.has('scope')]).toEqual(['pla', false]);
});
