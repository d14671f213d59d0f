import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { proxyNames } from './proxies.js';
import { startProxiedWorld, type ProxiedWorld } from './world.js';

const places = [
  { place: 'at the root', path: '', stripped: false },
  { place: 'below a path that is kept', path: '/gate', stripped: false },
  { place: 'below a path that is stripped', path: '/gate', stripped: true },
];
const cases = proxyNames.flatMap((name) => places.map((place) => ({ name, ...place })));

describe.each(cases)('behind $name, $place', ({ name, path, stripped }) => {
  let world: ProxiedWorld;
  beforeAll(async () => {
    world = await startProxiedWorld(name, { path, stripped });
  });
  afterAll(() => world.close());

  test('a person connects, calls the API and leaves', async () => {
    const browser = await world.connected();
    const call = await browser.api.get(`${path}/proxy/acme/invoices?page=2`);
    expect([call.status, world.session.upstream.last.url]).toEqual([200, '/invoices?page=2']);
    const page = await browser.navigate(`${path}/`, { follow: false });
    const left = await browser.submit(page, { which: '/logout' });
    expect([left.status, left.headers.location]).toEqual([303, `${path}/`]);
    expect((await browser.api.get(`${path}/proxy/acme/invoices`)).headers['x-gatehouse-error']).toBe('login_required');
  });

  test('cookies are Secure and __Host-, and pages, data and errors carry HSTS', async () => {
    const browser = await world.connected();
    expect(browser.cookies().map(({ name: cookie }) => cookie)).toContain('__Host-gatehouse');
    for (const { line } of browser.cookies()) expect(line).toMatch(/^__Host-.*; Path=\/;.*; Secure/);
    for (const asked of ['/', '/api/session', '/connections/acme', '/none', '/proxy/none/x', '/healthz']) {
      const { headers } = await browser.api.get(`${path}${asked}`);
      expect([asked, headers['strict-transport-security']]).toEqual([asked, 'max-age=31536000']);
    }
  });

  test('links and the redirect_uri carry the path of PUBLIC_URL', async () => {
    const browser = world.browser();
    const start = await browser.navigate(`${path}/connect/acme`, { from: browser.base, follow: false });
    const callback = `https://connect.example.com${path}/connect/acme/callback`;
    expect(start.location?.searchParams.get('redirect_uri')).toBe(callback);
    const page = await browser.navigate(`${path}/`, { follow: false });
    const addresses = [...page.text.matchAll(/(?:href|src|action|formaction)="(\/[^"]*)"/g)].map((match) => match[1]);
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses) expect(address?.startsWith(`${path}/`)).toBe(true);
  });

  // Caddy's strip_prefix tidies doubled slashes and dots; docs/deployment.md says so.
  const untidy = name === 'caddy' && stripped ? [] : ['/a//b/./c/?'];
  test.each(['/a%20b%2Cc;d=1/%C3%A6?q=a%2Fb&q=&x', '/a%2Fb/%2e%2e', '/a/?a=1?b=%23', ...untidy])(
    'the path %s is answered as it is without the proxy',
    async (raw) => {
      const browser = await world.connected();
      const outcome = async (direct: boolean) => {
        world.session.upstream.reset();
        const { status } = await world.ask({ path: `${path}/proxy/acme${raw}`, browser, direct });
        return [status, ...world.session.upstream.requests.map(({ url }) => url)];
      };
      expect(await outcome(false)).toEqual(await outcome(true));
    },
  );

  test('who comes over http is sent to https with 308, by the same path and query, without a cookie', async () => {
    const asked = `${path}/connections/acme?lang=nb&x=%2F`;
    const answer = await world.browser().get(`http://connect.example.com${asked}`);
    expect([answer.status, answer.headers.location]).toEqual([308, `https://connect.example.com${asked}`]);
    expect(answer.setCookies).toEqual([]);
  });
});
