import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import type { Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;
let withoutFile: ProvidersDirectory;

beforeAll(async () => {
  const asked = { more: { confirm: 'always' } };
  world = await startRefreshWorld({ providers: { acme: {}, gone: {}, asked } });
  withoutFile = await createProvidersDirectory({ acme: world.server.providerFile({ id: 'acme' }) });
});
afterEach(async () => {
  world.reset();
  await world.redis.cli('flushall');
});
afterAll(async () => {
  await withoutFile.remove();
  await world.close();
});

/** A later start of the server, at which `gone` and `asked` are not offered: they have no client id, or not even a file. */
async function later(hasFile: boolean, extra: Record<string, string> = {}): Promise<App> {
  const names = ['GONE_CLIENT_ID', 'GONE_CLIENT_SECRET', 'ASKED_CLIENT_ID', 'ASKED_CLIENT_SECRET'];
  const env = Object.fromEntries(Object.entries(world.env).filter(([name]) => !names.includes(name)));
  const folder: Record<string, string> = hasFile ? {} : { PROVIDERS_DIR: withoutFile.path };
  return startApp({ ...env, ...folder, ...extra, PUBLIC_URL: world.app.url }, world.now);
}

const records = async () =>
  (await world.redis.cli('keys', '*:connection:*')) + (await world.redis.cli('keys', '*:candidate:*'));

test.each<[string, boolean, (browser: Browser) => Promise<unknown>]>([
  ['a logout', true, (browser) => browser.api.post('/logout')],
  ['a logout without the file', false, (browser) => browser.api.post('/logout')],
])('%s removes the records of providers that are not offered any longer', async (_name, hasFile, act) => {
  const browser = await world.connected('gone', 'acme', 'asked');
  await connect(browser, 'asked', { stopAt: 'confirm' });
  const app = await later(hasFile);
  await act(world.at(browser, app.port));
  await app.close();
  expect(await records()).toBe('');
});

test.each([true, false])('a disconnect removes the record and says so; with the file: %s', async (hasFile) => {
  const browser = await world.connected('gone', 'acme');
  const app = await later(hasFile);
  const view = world.at(browser, app.port);
  const removed = await view.api.delete('/api/connections/gone');
  expect([removed.status, removed.json]).toEqual([200, { provider: 'gone', revocation: 'skipped' }]);
  expect((await view.api.delete('/api/connections/gone')).status).toBe(404);
  expect((await view.api.delete('/api/connections/never-heard-of')).status).toBe(404);
  await app.close();
  expect(await world.redis.cli('keys', '*:connection:gone')).toBe('');
  expect(await world.redis.cli('keys', '*:connection:acme')).not.toBe('');
});

test('where the secret is still there, the grant is revoked as well', async () => {
  const browser = await world.connected('gone');
  const app = await later(true, { GONE_CLIENT_SECRET: world.server.options.clientSecret });
  const response = await world.at(browser, app.port).api.post('/logout', { accept: 'application/json' });
  await app.close();
  expect(response.json).toEqual({ revocations: [{ provider: 'gone', revocation: 'revoked' }] });
  expect(world.server.revocations).toHaveLength(1);
});
