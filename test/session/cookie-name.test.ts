import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';

// Cookies know no ports: two instances on one host name meet in every browser.

let server: MisbehavingServer;
let directory: ProvidersDirectory;
let apps: App[] = [];

beforeAll(async () => {
  server = await startMisbehaving();
  directory = await createProvidersDirectory({ acme: server.providerFile() });
  const env = { PROVIDERS_DIR: directory.path, ...server.environment('acme') };
  apps = [await startApp(env), await startApp({ ...env, COOKIE_NAME: 'staging' })];
});
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
  await Promise.all([server.close(), directory.remove()]);
});

test('two instances on one host name with two COOKIE_NAMEs leave each other signed in', async () => {
  const [one, other] = apps.map(({ url }) => createBrowser(url)) as [
    ReturnType<typeof createBrowser>,
    ReturnType<typeof createBrowser>,
  ];
  await connect(one, 'acme');
  await connect(other, 'acme');
  const names = (header = '') => header.split('; ').map((pair) => pair.split('=')[0] ?? '');
  expect(names(other.cookieHeader()).every((name) => name.startsWith('staging'))).toBe(true);
  expect(names(one.cookieHeader()).every((name) => name.startsWith('gatehouse'))).toBe(true);
  // What one browser sends to both: everything of both.
  const cookie = `${one.cookieHeader() ?? ''}; ${other.cookieHeader() ?? ''}`;
  for (const { port } of apps) {
    const answer = await createBrowser(`http://127.0.0.1:${port}`).get('/api/session', {
      headers: { cookie, 'x-csrf': '1' },
    });
    expect(JSON.parse(answer.text)).toMatchObject({ connections: [{ provider: 'acme', status: 'connected' }] });
  }
});
