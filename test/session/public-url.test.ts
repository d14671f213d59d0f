import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectOrFail, startSessionWorld, type SessionWorld } from './session-world.js';
import { withoutId } from '../world/without-id.js';

/** TLS ends in front, and nobody told the server whom to trust: PUBLIC_URL alone decides. */
let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({ PUBLIC_URL: 'https://app.test/gate' });
});
afterAll(() => world.close());

test('behind TLS every cookie is __Host-, Secure, HttpOnly, Lax, with Path=/ and no Domain', async () => {
  const browser = world.browser();
  await browser.navigate('/gate/?lang=nb');
  await connectOrFail(browser, 'acme');
  const names = browser.cookies().map(({ name }) => name);
  expect(names).toContain('__Host-gatehouse');
  expect(names.some((name) => name.startsWith('__Host-gatehouse-attempt.acme.'))).toBe(true);
  for (const { name, line } of browser.cookies()) {
    expect(name).toMatch(/^__Host-gatehouse/);
    expect(line).toMatch(/; Path=\/(;|$)/);
    expect(line).toMatch(/; Secure(;|$)/i);
    expect(line).toMatch(/; HttpOnly(;|$)/i);
    expect(line).toMatch(/; SameSite=Lax(;|$)/i);
    expect(line).not.toMatch(/Domain/i);
  }
  expect((await browser.api.get('/gate/proxy/acme/x')).status).toBe(200);
});

test.each(['/gate', ''])('routes answer under the path of PUBLIC_URL and without it (%s)', async (prefix) => {
  const browser = world.browser();
  await connectOrFail(browser, 'acme');
  for (const path of [
    '/',
    '/api/session',
    '/api/connections',
    '/connections/acme',
    '/proxy/acme/x',
    '/healthz',
    '/readyz',
  ])
    expect([path, (await browser.api.get(`${prefix}${path}`)).status]).toEqual([path, 200]);
  expect((await browser.navigate(`${prefix}/connect/acme`, { from: browser.base, follow: false })).status).toBe(302);
});

test('links, redirects and the redirect_uri carry the path of PUBLIC_URL, also where a proxy strips it', async () => {
  const browser = world.browser();
  const start = await browser.navigate('/connect/acme', { from: browser.base, follow: false });
  expect(start.location?.searchParams.get('redirect_uri')).toBe('https://app.test/gate/connect/acme/callback');
  const { finalUrl } = await connectOrFail(browser, 'acme');
  expect(withoutId(finalUrl)).toBe('https://app.test/gate/?connected=acme#');

  const page = await browser.navigate('/', { follow: false });
  const addresses = [...page.text.matchAll(/(?:href|src|action|formaction)="(\/[^"]*)"/g)].map(
    ([, address]) => address,
  );
  expect(addresses.length).toBeGreaterThan(3);
  for (const address of addresses) expect(address).toMatch(/^\/gate\//);
  const { connections } = (await browser.api.get('/api/session')).json as { connections: { links: object }[] };
  expect(connections[0]?.links).toEqual({ connect: '/gate/connect/acme', proxy: '/gate/proxy/acme/' });

  const left = await browser.submit(page, { which: '/logout' });
  expect([left.status, left.headers.location]).toEqual([303, '/gate/']);
});
