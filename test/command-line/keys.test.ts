import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../world/redis.js';
import { createFolder, type Folder } from './run-command.js';
import { call, startRunningServer, type RunningServer } from './running-server.js';

let running: RunningServer;
let folder: Folder;
beforeAll(async () => {
  [running, folder] = await Promise.all([startRunningServer(), createFolder()]);
});
afterAll(() => Promise.all([running.close(), folder.remove()]));

const freshKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const inUse = async () => {
  const { json, code } = await running.operator(['keys', 'list', '--json']);
  const { keys } = json as { keys: { id: string; role: string; connection: number; attempt: number }[] };
  return { code, keys };
};

test('after a new key, reseal encrypts every connection with it, and the old one can be taken away', async () => {
  const people = [await running.person(), await running.person()];
  const [{ browser }] = people as [(typeof people)[0]];
  const further = await running.another(browser, 'further');
  const old = running.env['ENCRYPTION_KEYS'] ?? '';
  expect((await inUse()).keys).toMatchObject([{ id: 'k1', role: 'encrypts', connection: 3, index: 2 }]);

  await running.restart({ ENCRYPTION_KEYS: `${freshKey('k2')},${old}` });
  const { code, stdout } = await running.operator(['keys', 'reseal']);
  expect([code, stdout]).toMatchObject([0, expect.stringContaining('Encrypted again with k2: 3.')]);
  expect((await inUse()).keys).toMatchObject([
    { id: 'k2', role: 'encrypts', connection: 3, index: 2 },
    { id: 'k1', role: 'decrypts', connection: 0, index: 0 },
  ]);
  expect((await running.operator(['keys', 'reseal'])).stdout).toContain('Encrypted again with k2: 0.');

  await running.restart({ ENCRYPTION_KEYS: (running.env['ENCRYPTION_KEYS'] ?? '').split(',')[0] ?? '' });
  // What lies beside the first connection is found by the list of them alone.
  expect((await browser.api.get(`/proxy/${further}/x`)).status).toBe(200);
  expect(await call(browser)).toBe('409 connection_ambiguous');
  for (const { browser: other } of people.slice(1)) expect(await call(other)).toBe('200');
});

test('reseal keeps how long each record has to live, and a connection that is being renewed is waited for', async () => {
  const { browser, browserId } = await running.person();
  const [key, lock] = [`gh:{${browserId}}:connection:acme`, `gh:{${browserId}}:lock:acme`];
  const sealedWith = async () => (await running.redis.cli('getrange', key, '2', '3')).trim();
  const tries = async () => {
    const stats = await running.redis.cli('info', 'commandstats');
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };
  const before = Number(await running.redis.cli('pttl', key));
  const changes = { ENCRYPTION_KEYS: `${freshKey('k3')},${running.env['ENCRYPTION_KEYS'] ?? ''}` };
  await running.redis.cli('set', lock, 'somebody');
  const begun = await tries();
  const resealed = running.operator(['keys', 'reseal'], changes);
  await eventually(async () => (await tries()) > begun + 5, 20_000);
  expect(await sealedWith()).toBe('k2');
  await running.redis.cli('del', lock);
  expect((await resealed).code).toBe(0);
  expect(await sealedWith()).toBe('k3');
  expect(await running.redis.cli('exists', lock)).toBe('0');
  const after = Number(await running.redis.cli('pttl', key));
  expect(after).toBeLessThanOrEqual(before);
  expect(after).toBeGreaterThan(before - 60_000);
  await running.restart(changes);
  expect(await call(browser)).toBe('200');
});

test('a key that is in use and not listed is told, and ends with 1', async () => {
  const { code, keys } = await (async () => {
    const { json, code: ended } = await running.operator(['keys', 'list', '--json'], {
      ENCRYPTION_KEYS: freshKey('k9'),
    });
    return { code: ended, keys: (json as { keys: { id: string; role: string }[] }).keys };
  })();
  expect(code).toBe(1);
  expect(keys).toContainEqual(expect.objectContaining({ role: 'not listed' }));
});

const values = async (name = '.env') => parseEnv(await readFile(folder.file(name), 'utf8'));

test('rotate puts fresh values in front of the old ones in .env and touches nothing else', async () => {
  await folder.run(['init']);
  const before = await values();
  const remark = '# a remark\nLOG_LEVEL=warn # as asked\n';
  await writeFile(folder.file('.env'), `${remark}${await readFile(folder.file('.env'), 'utf8')}`);
  const { code, output } = await folder.run(['keys', 'rotate']);
  expect(code).toBe(0);
  const after = await values();
  const [secret, oldSecret] = after['SESSION_SECRET']!.split(',');
  const [key, oldKey] = after['ENCRYPTION_KEYS']!.split(',');
  expect([oldSecret, oldKey]).toEqual([before['SESSION_SECRET'], before['ENCRYPTION_KEYS']]);
  expect(new Set([key, oldKey].map((each) => each!.split(':')[0])).size).toBe(2);
  expect((await readFile(folder.file('.env'), 'utf8')).startsWith(remark)).toBe(true);
  expect((await stat(folder.file('.env'))).mode & 0o777).toBe(0o600);
  expect(output).toMatch(/operator\.keys_rotated/);
  for (const value of [secret!, key!.split(':')[1]!]) expect(output).not.toContain(value);
});

test('for processes that restart one by one a key goes behind first, and to the front in a second step', async () => {
  const [first] = (await values())['ENCRYPTION_KEYS']!.split(',');
  await folder.run(['keys', 'rotate', '--only', 'encryption', '--behind']);
  const behind = (await values())['ENCRYPTION_KEYS']!.split(',');
  expect(behind[0]).toBe(first);
  const secrets = (await values())['SESSION_SECRET'];
  await folder.run(['keys', 'rotate', '--only', 'encryption', '--promote']);
  const promoted = (await values())['ENCRYPTION_KEYS']!.split(',');
  expect(promoted).toEqual([behind.at(-1), ...behind.slice(0, -1)]);
  expect((await values())['SESSION_SECRET']).toBe(secrets);
});

test('--print writes the new lines and no file; without a file that holds them rotate says what to do', async () => {
  const ENCRYPTION_KEYS = freshKey('k1');
  const { code, stdout } = await folder.run(['keys', 'rotate', '--only', 'encryption', '--print'], {
    NODE_ENV: 'production',
    ENCRYPTION_KEYS,
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ENCRYPTION_KEYS=k\d{8}:[A-Za-z0-9+/]{43}=,k1:/);
  expect(stdout.trim().endsWith(`,${ENCRYPTION_KEYS}`)).toBe(true);
  const nowhere = await folder.run(['keys', 'rotate', '--file', 'other.env']);
  expect([nowhere.code, nowhere.stdout]).toEqual([1, '']);
  expect(nowhere.stderr).toMatch(/--print/);
});
