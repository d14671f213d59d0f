import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sign } from 'cookie-signature';
import { startApp, testEnvironment } from '../world/app.js';
import { startMisbehaving } from '../world/misbehaving.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { connect } from '../world/journey.js';
import { createBrowser } from '../world/browser.js';
import { canary, refusalHere } from './configurations.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

async function environmentWithFiles(files: Record<string, string>): Promise<Record<string, string>> {
  const { SESSION_SECRET: _one, ENCRYPTION_KEYS: _two, ...env } = await testEnvironment();
  return { ...env, ...files };
}

test('secrets come from files, without the newline at the end: sessions, keys, and the client secret at the provider', async () => {
  const server = await startMisbehaving();
  const directory = await createProvidersDirectory({ acme: server.providerFile() });
  const secret = randomBytes(32).toString('hex');
  const env = await environmentWithFiles({
    PROVIDERS_DIR: directory.path,
    SESSION_SECRET_FILE: await file('session', `${secret}\n`),
    ENCRYPTION_KEYS_FILE: await file('keys', `k1:${randomBytes(32).toString('base64')}\r\n`),
    ACME_CLIENT_ID: server.options.clientId,
    ACME_CLIENT_SECRET_FILE: await file('client', `${server.options.clientSecret}\n`),
  });
  const app = await startApp({ ...env, SESSION_SECRET: '', ENCRYPTION_KEYS: '' });
  const browser = createBrowser(app.url);
  const { finalUrl } = await connect(browser, 'acme');
  expect(finalUrl.searchParams.get('connected')).toBe('acme');
  const plain = decodeURIComponent(browser.cookie('gatehouse')?.value ?? '').slice(2);
  expect(plain).toBe(sign(plain.slice(0, plain.lastIndexOf('.')), secret));
  expect(app.lines.filter((line) => line.includes('configuration.warning'))).toEqual([]);
  await app.close();
  await server.close();
  await directory.remove();
});

test('a file that every user of the machine may read is used, with a warning that names it and not its content', async () => {
  const secret = canary();
  const path = await file('open', secret, 0o644);
  const app = await startApp({ SESSION_SECRET: '', SESSION_SECRET_FILE: path });
  await app.close();
  const warnings = app.lines.filter((line) => line.includes('configuration.warning'));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(path);
  expect(app.lines.join('')).not.toContain(secret);
});

test('a file that is missing, empty or no file, and a secret given twice, stop the start by name', async () => {
  const secret = canary();
  await mkdir(join(folder, 'directory'));
  const env = await environmentWithFiles({
    SESSION_SECRET_FILE: join(folder, 'nowhere'),
    ENCRYPTION_KEYS_FILE: await file('empty', '\n'),
    REDIS_URL_FILE: join(folder, 'directory'),
    OWNER_SECRET: canary(),
    OWNER_SECRET_FILE: await file('owner', secret),
    OWNER_AUDIENCE: 'x',
    INVOICED_CLIENT_ID: 'x',
    INVOICED_CLIENT_SECRET_FILE: join(folder, 'gone'),
  });
  const output = await refusalHere(env);
  expect(output).toMatch(/^ {2}SESSION_SECRET_FILE: \S+nowhere cannot be read \(ENOENT\)/m);
  expect(output).toMatch(/^ {2}ENCRYPTION_KEYS_FILE: \S+empty is empty/m);
  expect(output).toMatch(/^ {2}REDIS_URL_FILE: \S+directory cannot be read \(EISDIR\)/m);
  expect(output).toMatch(/^ {2}OWNER_SECRET_FILE: OWNER_SECRET is set, too/m);
  expect(output).toMatch(/^ {2}INVOICED_CLIENT_SECRET_FILE: \S+gone cannot be read \(ENOENT\)/m);
  expect(output).not.toContain(secret);
  expect(output).not.toContain(env['OWNER_SECRET']);
});
