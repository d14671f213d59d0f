import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { proxyNames } from './proxies.js';
import { startProxiedWorld, type ProxiedWorld } from './world.js';

/** What a client writes to pass for somebody else, or for somebody over another scheme. */
const forged = (client: string) => ({
  'x-forwarded-for': client,
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'evil.test',
  'x-forwarded-port': '81',
  'x-real-ip': client,
  forwarded: `for=${client};proto=http;host=evil.test`,
});

let world: ProxiedWorld;
/** From 127.0.0.1 a client stands where TRUST_PROXY itself points, so that only what the proxy overwrites is safe. */
const start = (from: string, headers = {}) => world.ask({ path: '/connect/acme', from, headers });
const counters = async () => (await world.session.keys()).filter((key) => key.startsWith('gh:limit'));
const warnings = () => world.session.app.lines.filter((line) => line.includes('proxy.untrusted'));

describe.each(proxyNames)('behind %s, which TRUST_PROXY names', (name) => {
  beforeAll(async () => {
    world = await startProxiedWorld(name);
  });
  afterAll(() => world.close());
  beforeEach(() => world.session.redis.cli('flushall'));

  test('attempts are counted for each client by the address it came from', async () => {
    for (const from of ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.2']) await start(from);
    expect(await counters()).toHaveLength(3);
  });

  test('a client that writes other addresses of its own keeps one counter', async () => {
    for (let each = 1; each < 6; each += 1) await start('127.0.0.1', forged(`203.0.113.${each}`));
    expect(await counters()).toHaveLength(1);
    expect(warnings()).toEqual([]);
  });

  test('what a client writes about scheme and host changes neither the answer nor the redirect_uri', async () => {
    const { status, headers } = await start('127.0.0.1', forged('203.0.113.1'));
    expect(status).toBe(302);
    const redirectUri = new URL(headers.location ?? '').searchParams.get('redirect_uri');
    expect(redirectUri).toBe('https://connect.example.com/connect/acme/callback');
  });

  test('the provider learns neither the addresses of clients nor that there is a proxy', async () => {
    const browser = await world.connected();
    await world.ask({ path: '/proxy/acme/x', browser, headers: forged('203.0.113.1') });
    const names = Object.keys(world.session.upstream.last.headers);
    expect(names.filter((each) => /forwarded|real-ip|^via$/.test(each))).toEqual([]);
  });
});

describe.each(proxyNames)('behind %s, which TRUST_PROXY does not name', (name) => {
  beforeAll(async () => {
    world = await startProxiedWorld(name, { trusted: '' });
  });
  afterAll(() => world.close());
  beforeEach(() => world.session.redis.cli('flushall'));

  test('a person connects, and the log says once that X-Forwarded-* is ignored', async () => {
    const browser = await world.connected();
    for (const from of ['127.0.0.2', '127.0.0.3']) await start(from, forged('203.0.113.1'));
    expect((await browser.api.get('/proxy/acme/x')).status).toBe(200);
    expect(browser.cookies().every(({ line }) => line.includes('; Secure'))).toBe(true);
    expect(warnings()).toHaveLength(1);
  });

  test('all who come through it share one counter', async () => {
    for (const from of ['127.0.0.1', '127.0.0.2', '127.0.0.3']) await start(from);
    expect(await counters()).toHaveLength(1);
  });
});
