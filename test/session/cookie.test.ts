import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sign } from 'cookie-signature';
import { outcome, sessionCookie, startSessionWorld, type SessionWorld } from './session-world.js';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld();
});
afterAll(() => world.close());

const call = { 'x-csrf': '1' };

test('without https the cookie is HttpOnly, Lax, for the whole host and has no Domain', async () => {
  const browser = await world.connected('acme');
  const { line = '' } = browser.cookie(sessionCookie) ?? {};
  expect(line).toMatch(/; Path=\/(;|$)/);
  expect(line).toMatch(/; HttpOnly/i);
  expect(line).toMatch(/; SameSite=Lax/i);
  expect(line).not.toMatch(/Domain|Secure/i);
});

test('a cookie that is not wholly ours opens nothing, asks Redis nothing and is never a 500', async () => {
  const browser = await world.connected('acme');
  const right = browser.cookie(sessionCookie)?.value ?? '';
  const plain = decodeURIComponent(right);
  const id = plain.slice(2, plain.lastIndexOf('.'));
  const foreign = sign(id, randomBytes(32).toString('hex'));
  const last = plain.at(-1) === 'A' ? 'B' : 'A';
  const first = plain.at(2) === 'A' ? 'B' : 'A';
  const cookies: Record<string, string> = {
    'tampered signature': `${sessionCookie}=${encodeURIComponent(plain.slice(0, -3) + 'xyz')}`,
    'tampered in its last character': `${sessionCookie}=${encodeURIComponent(plain.slice(0, -1) + last)}`,
    'tampered id': `${sessionCookie}=${encodeURIComponent(`s:${first}${plain.slice(3)}`)}`,
    unsigned: `${sessionCookie}=${encodeURIComponent(id)}`,
    'unsigned with the mark': `${sessionCookie}=${encodeURIComponent(`s:${id}`)}`,
    'foreign secret': `${sessionCookie}=${encodeURIComponent(`s:${foreign}`)}`,
    'signed nonsense': `${sessionCookie}=${encodeURIComponent(`s:${sign('../../x', world.env['SESSION_SECRET'] ?? '')}`)}`,
    '8 KB': `${sessionCookie}=s%3A${'a'.repeat(8192)}`,
    'doubled, wrong first': `${sessionCookie}=s%3Ax.y; ${sessionCookie}=${right}`,
    'doubled, right first': `${sessionCookie}=${right}; ${sessionCookie}=s%3Ax.y`,
    empty: `${sessionCookie}=`,
    'broken escapes': `${sessionCookie}=%E0%A4%A`,
    'another name': `__Host-${sessionCookie}=${right}`,
    'many of them': Array.from({ length: 500 }, (_each, index) => `c${index}=${sessionCookie}`).join('; '),
  };
  await world.commands();
  for (const [name, cookie] of Object.entries(cookies)) {
    const stranger = world.browser();
    const headers = { ...call, cookie };
    const session = await stranger.get('/api/session', { headers });
    expect([name, session.status, session.text.includes('"active":false')]).toEqual([name, 200, true]);
    expect([name, session.setCookies]).toEqual([name, []]);
    const proxied = await stranger.get('/proxy/acme/x', { headers });
    expect([name, outcome(proxied)]).toEqual([name, '401 login_required']);
    expect([name, (await stranger.get('/', { headers, accept: 'text/html' })).status]).toEqual([name, 200]);
    const refreshed = await stranger.post('/api/connections/acme/refresh', { headers });
    expect([name, refreshed.status]).toEqual([name, 401]);
    expect([name, (await stranger.post('/logout', { headers })).status]).toEqual([name, 303]);
  }
  expect(await world.commands()).toBe(0);
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
  expect(await world.commands()).toBeGreaterThan(0);
});

test('a visitor without a session leaves nothing in Redis, whatever page is opened', async () => {
  const before = await world.keys();
  const pages = [
    ...['/', '/api/session', '/api/connections', '/api/connections/acme', '/connections/acme', '/setup/acme'],
    ...['/connect/acme/callback?code=x&state=y', '/connect/acme/confirm', '/proxy/acme/x', '/healthz', '/nowhere'],
  ];
  await world.commands();
  const visitor = world.browser();
  for (let round = 0; round < 2000 / pages.length; round += 1)
    await Promise.all(pages.map((page) => visitor.newBrowser().get(page)));
  expect(await world.commands()).toBe(0);
  expect(await world.keys()).toEqual(before);
}, 60_000);
