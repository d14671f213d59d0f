import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApp } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { freePort } from '../world/listen.js';
import { createFolder, type Folder } from './run-command.js';

let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

const create = (...args: string[]) => folder.run(['providers', 'new', ...args]);

test('a new provider file is whole: it passes the check, and its server can be played at once', async () => {
  const { code, stdout } = await create('ledger', '--folder', folder.file('mine'));
  expect([code, stdout]).toEqual([0, expect.stringContaining('SANDBOX_PROVIDERS=ledger')]);
  expect((await folder.run(['providers', 'check', folder.file('mine/ledger.yaml')])).code).toBe(0);

  const app = await startApp({
    ...{ SANDBOX: 'on', SANDBOX_PORT: String(await freePort()) },
    ...{ PROVIDERS_DIR: folder.file('mine'), SANDBOX_PROVIDERS: 'ledger' },
  });
  const browser = createBrowser(app.url);
  const { finalUrl } = await connect(browser, 'ledger');
  expect(finalUrl.searchParams.get('connected')).toBe('ledger');
  expect((await browser.api.get('/proxy/ledger/invoices')).status).toBe(200);
  await app.close();
});

test('one that changes an entry of the catalogue extends it', async () => {
  expect((await create('xero', '--extends', 'xero')).code).toBe(0);
  expect(await readFile(folder.file('providers/xero.yaml'), 'utf8')).toContain('extends: xero');
  expect((await folder.run(['providers', 'check', 'providers/xero.yaml'])).code).toBe(0);
});

test.each([
  [['ledger', '--extends', 'nothing'], 1, /nothing is not in the catalogue/],
  [['stripe'], 1, /stripe is in the catalogue/],
  [['Ledger!'], 2, /cannot be an id/],
  [[], 2, /Name the provider/],
])('%j is refused, and nothing is written', async (args, expected, text) => {
  const { code, output } = await create(...args, '--folder', folder.file('none'));
  expect([code, text.test(output)]).toEqual([expected, true]);
  await expect(readFile(folder.file('none/ledger.yaml'))).rejects.toThrow(/ENOENT/);
});

test('what is there already stays', async () => {
  await create('again');
  const { code, output } = await create('again', '--extends', 'generic-oidc');
  expect([code, output]).toEqual([1, expect.stringContaining('is there already')]);
  expect(await readFile(folder.file('providers/again.yaml'), 'utf8')).toContain('extends: generic-oauth2');
});
