import { readFile, stat, writeFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { refusalHere } from '../configuration/configurations.js';
import { createFolder, type Folder } from './run-command.js';

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

const text = () => readFile(folder.file('.env'), 'utf8');
const values = async () => parseEnv(await text());

test('init writes fresh secrets that production accepts, readable for their owner alone, and shows none', async () => {
  const { code, output } = await folder.run(['init', '--public-url', 'https://gate.example.org']);
  expect(code).toBe(0);
  expect((await stat(folder.file('.env'))).mode & 0o777).toBe(0o600);
  const { PUBLIC_URL, SESSION_SECRET = '', ENCRYPTION_KEYS = '' } = await values();
  expect(PUBLIC_URL).toBe('https://gate.example.org');
  expect(output).not.toContain(SESSION_SECRET);
  expect(output).not.toContain(ENCRYPTION_KEYS);
  const refusal = await refusalHere({ ...(await values()), NODE_ENV: 'production' });
  expect(refusal.split('\n').filter((line) => /SECRET|KEYS|PUBLIC_URL/.test(line))).toEqual([]);
});

test('init keeps what is set, adds what is missing, and leaves every other line as it is', async () => {
  const before =
    '# mine\nSESSION_SECRET=kept-as-it-is-because-somebody-set-it\n# ENCRYPTION_KEYS=a-remark\nexport A="b c"\n';
  await writeFile(folder.file('.env'), before, { mode: 0o644 });
  const { code, stdout } = await folder.run(['init']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/kept SESSION_SECRET/);
  expect((await text()).startsWith(before)).toBe(true);
  expect((await values())['ENCRYPTION_KEYS']).toMatch(/^k\d{8}:/);
  expect((await stat(folder.file('.env'))).mode & 0o777).toBe(0o600);
  const once = await text();
  await folder.run(['init']);
  expect(await text()).toBe(once);
});

test('--force makes new secrets in place of the old ones, and still keeps the rest', async () => {
  await folder.run(['init']);
  await writeFile(folder.file('.env'), `${await text()}ACME_CLIENT_ID=mine\n`);
  const before = await values();
  await folder.run(['init', '--force']);
  const after = await values();
  expect(after['SESSION_SECRET']).not.toBe(before['SESSION_SECRET']);
  expect(after['ACME_CLIENT_ID']).toBe('mine');
  expect(Object.keys(after)).toEqual(Object.keys(before));
});
