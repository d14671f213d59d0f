import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { outcome, startSessionWorld, type SessionWorld } from './session-world.js';

const warnings = (world: SessionWorld) => world.app.lines.filter((line) => line.includes('proxy.untrusted'));
const http = { 'x-forwarded-proto': 'http', 'x-forwarded-for': '203.0.113.7' };
const https = { ...http, 'x-forwarded-proto': 'https' };

describe('behind a proxy that is trusted', () => {
  let world: SessionWorld;
  beforeAll(async () => {
    world = await startSessionWorld({ PUBLIC_URL: 'https://app.test/gate', TRUST_PROXY: '127.0.0.1' });
  });
  afterAll(() => world.close());

  test('a browser that came over http is sent to https, by the same path and query, without a cookie', async () => {
    for (const [path, location] of [
      ['/?lang=nb', 'https://app.test/gate/?lang=nb'],
      ['/gate/connect/acme?return_to=%2Fx%3Fa%3D1', 'https://app.test/gate/connect/acme?return_to=%2Fx%3Fa%3D1'],
      ['//evil.test/', 'https://app.test/gate//evil.test/'],
      ['/\\evil.test', 'https://app.test/gate'],
    ] as const) {
      const answer = await world.browser().get(`http://127.0.0.1:${world.app.port}${path}`, { headers: http });
      expect([path, answer.status]).toEqual([path, 308]);
      expect(answer.headers.location?.startsWith(location)).toBe(true);
      expect(answer.setCookies).toEqual([]);
    }
    expect((await world.keys()).filter((key) => key.includes('{'))).toEqual([]);
  });

  test.each(['GET', 'HEAD'])(
    '%s over http is sent on by an answer that carries its headers and an id',
    async (method) => {
      const url = `http://127.0.0.1:${world.app.port}/gate/proxy/acme/x`;
      const { status, headers } = await fetch(url, { method, redirect: 'manual', headers: http });
      expect([status, headers.get('location')]).toEqual([308, 'https://app.test/gate/proxy/acme/x']);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-request-id')).toMatch(/^\S{8,}$/);
    },
  );

  test('a proxy that does not say how the browser came is taken to have ended TLS', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7' };
    expect((await world.browser().get('/gate/api/session', { headers })).status).toBe(200);
  });

  test('a request over http that cannot be repeated is refused', async () => {
    const browser = await world.connected('acme');
    for (const method of ['POST', 'PUT', 'DELETE'])
      expect([
        method,
        (await browser.api[method.toLowerCase() as 'post']('/gate/api/connections/acme', { headers: http })).status,
      ]).toEqual([method, 400]);
    expect((await browser.api.post('/gate/proxy/acme/x', { headers: http })).status).toBe(400);
    expect(outcome(await browser.api.get('/gate/proxy/acme/x', { headers: https }))).toBe('200');
  });

  test('health is asked over http, and Host and X-Forwarded-Host name no address', async () => {
    for (const path of ['/healthz', '/readyz', '/gate/healthz', '/gate/readyz'])
      expect((await world.browser().get(path, { headers: http })).status).toBe(200);
    const forged = { ...https, host: 'evil.test', 'x-forwarded-host': 'evil.test' };
    const start = await world.browser().get('/connect/acme', { headers: forged });
    expect(start.location?.searchParams.get('redirect_uri')).toBe('https://app.test/gate/connect/acme/callback');
  });

  test('who has a whole network of IPv6 has one counter for it, and the next network another', async () => {
    await world.redis.cli('flushall');
    for (const from of ['2001:db8:1::1', '2001:db8:1::2', '2001:db8:1:0:ffff::3', '2001:db8:2::1'])
      await world.browser().get('/connect/acme', { headers: { ...https, 'x-forwarded-for': from } });
    expect((await world.keys()).filter((key) => key.startsWith('gh:limit'))).toHaveLength(2);
  });

  test('a trusted proxy is nothing to warn about', () => expect(warnings(world)).toEqual([]));
});

describe.each([
  ['nobody is trusted', ''],
  ['another address is trusted', '192.0.2.1'],
])('behind a proxy that is not trusted, where %s', (_name, trusted) => {
  let world: SessionWorld;
  beforeAll(async () => {
    world = await startSessionWorld({ PUBLIC_URL: 'https://app.test', TRUST_PROXY: trusted });
  });
  afterAll(() => world.close());

  test('what it says is ignored and warned about once; cookies and HSTS follow PUBLIC_URL', async () => {
    const browser = await world.connected('acme');
    for (let round = 0; round < 3; round += 1) {
      const answer = await browser.api.get('/api/session', { headers: { ...http, 'x-forwarded-host': 'evil.test' } });
      expect([answer.status, answer.text.includes('"active":true')]).toEqual([200, true]);
      expect(answer.headers['strict-transport-security']).toBeDefined();
      expect(answer.text).not.toContain('evil.test');
    }
    expect(warnings(world)).toHaveLength(1);
    expect(browser.cookies().every(({ line }) => line.includes('; Secure'))).toBe(true);
  });

  test('its addresses give nobody a counter of their own', async () => {
    await world.redis.cli('flushall');
    for (let each = 1; each < 6; each += 1)
      await world.browser().get('/connect/acme', { headers: { 'x-forwarded-for': `203.0.113.${each}` } });
    expect((await world.keys()).filter((key) => key.startsWith('gh:limit'))).toHaveLength(1);
  });
});

test.each(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])(
  'of a proxy that is not trusted %s alone is enough for the warning',
  async (name) => {
    const world = await startSessionWorld({ PUBLIC_URL: 'https://app.test', TRUST_PROXY: '192.0.2.1' });
    await world.browser().get('/api/session', { headers: { [name]: 'https' } });
    await world.close();
    expect(warnings(world)).toHaveLength(1);
  },
);

test('where PUBLIC_URL is http, a trusted proxy that says http is no reason to be sent anywhere', async () => {
  const world = await startSessionWorld({ PUBLIC_URL: 'http://localhost:8080', TRUST_PROXY: '127.0.0.1' });
  const url = `http://127.0.0.1:${world.app.port}/api/session`;
  const { status } = await fetch(url, { redirect: 'manual', headers: http });
  await world.close();
  expect(status).toBe(200);
});

describe('where the path of PUBLIC_URL is itself a word of ours', () => {
  test.each(['/connect', '/proxy', '/api'])('%s works kept and stripped', async (prefix) => {
    const world = await startSessionWorld({ PUBLIC_URL: `https://app.test${prefix}` });
    const browser = await world.connected('acme');
    for (const path of ['/', '/api/session', '/connections/acme', '/proxy/acme/x', '/healthz'])
      for (const given of [path, `${prefix}${path}`])
        expect([given, (await browser.api.get(given)).status]).toEqual([given, 200]);
    for (const given of ['/connect/acme', `${prefix}/connect/acme`])
      expect([given, (await browser.navigate(given, { from: browser.base, follow: false })).status]).toEqual([
        given,
        302,
      ]);
    await world.close();
  });
});
