import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../world/redis.js';
import { connectOrFail, outcome, sessionCookie, startSessionWorld, type SessionWorld } from './session-world.js';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld();
});
afterAll(() => world.close());

const encryptionKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

test('a cookie signed with an older secret works and is signed again; once its secret is gone it opens nothing', async () => {
  const browser = await world.connected('acme');
  const other = await world.connected('acme');
  const old = browser.cookie(sessionCookie)?.value;
  const first = world.env['SESSION_SECRET'] ?? '';
  const second = randomBytes(32).toString('hex');

  await world.restart({ SESSION_SECRET: `${second},${first}` });
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
  const again = await browser.api.get('/api/session');
  expect([again.status, again.text.includes('"active":true')]).toEqual([200, true]);
  expect(browser.cookie(sessionCookie)?.value).not.toBe(old);
  expect((await browser.api.get('/api/session')).setCookies).toEqual([]);

  await world.restart({ SESSION_SECRET: second });
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
  expect(outcome(await other.api.get('/proxy/acme/x'))).toBe('401 login_required');
  expect((await other.api.get('/api/session')).text).toContain('"active":false');
});

test('a form opened before the secrets changed is still accepted while the old secret is listed', async () => {
  const browser = await world.connected('acme');
  const page = await browser.navigate('/');
  const first = world.env['SESSION_SECRET'] ?? '';
  await world.restart({ SESSION_SECRET: `${randomBytes(32).toString('hex')},${first}` });
  expect((await browser.submit(page, { which: '/logout' })).status).toBe(303);
});

test('a connection sealed with an older key opens and is sealed again with the first one', async () => {
  const browser = await world.connected('acme');
  const [, browserId = ''] = /^s(?:%3A|:)([\w-]{22})\./.exec(browser.cookie(sessionCookie)?.value ?? '') ?? [];
  const key = `gh:{${browserId}}:connection:acme`;
  const sealed = () => world.redis.cli('getrange', key, '0', '20');
  expect(await sealed()).toContain('k1');

  await world.restart({ ENCRYPTION_KEYS: `${encryptionKey('k2')},${world.env['ENCRYPTION_KEYS'] ?? ''}` });
  expect((await browser.api.get('/api/connections/acme')).json).toMatchObject({ status: 'connected' });
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
  await eventually(async () => (await sealed()).includes('k2'));

  await world.restart({ ENCRYPTION_KEYS: (world.env['ENCRYPTION_KEYS'] ?? '').split(',')[0] ?? '' });
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
});

test('a connection whose key is gone asks to connect again, is told once in the log, and spares the session', async () => {
  const browser = await world.connected('acme');
  await world.restart({ ENCRYPTION_KEYS: encryptionKey('k9') });
  for (const round of [1, 2, 3]) {
    expect([round, outcome(await browser.api.get('/proxy/acme/x'))]).toEqual([round, '401 reauth_required']);
    expect((await browser.api.get('/api/connections/acme')).json).toMatchObject({ status: 'reauth_required' });
    expect((await browser.get('/', { accept: 'text/html' })).status).toBe(200);
  }
  expect(world.app.lines.filter((line) => line.includes('connection.unreadable'))).toHaveLength(1);
  expect((await browser.api.get('/api/session')).text).toContain('"active":true');
  await connectOrFail(browser, 'acme');
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
});
