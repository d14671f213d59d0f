import { connect, constants } from 'node:http2';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { proxyNames } from './proxies.js';
import { host, startProxiedWorld, type ProxiedWorld } from './world.js';

describe.each(proxyNames)('behind %s', (name) => {
  let world: ProxiedWorld;
  let browser: Browser;
  beforeAll(async () => {
    world = await startProxiedWorld(name);
    browser = await world.connected();
  });
  afterAll(() => world.close());
  beforeEach(() => world.session.upstream.reset());

  test('a call with 12 KiB of cookies goes through', async () => {
    const cookie = `other=${'x'.repeat(12_000)}; ${browser.cookieHeader() ?? ''}`;
    expect((await world.ask({ path: '/proxy/acme/x', headers: { cookie } })).status).toBe(200);
  });

  test('a header that is larger than the server takes is refused before the API, and the next call goes through', async () => {
    const cookie = `other=${'x'.repeat(24_000)}; ${browser.cookieHeader() ?? ''}`;
    expect([400, 431]).toContain((await world.ask({ path: '/proxy/acme/x', headers: { cookie } })).status);
    expect(world.session.upstream.requests).toEqual([]);
    expect((await world.ask({ path: '/proxy/acme/x', browser })).status).toBe(200);
  });

  test('a response with 15 KiB of header, nearly all that we take, arrives whole', async () => {
    const link = `<https://api.test/${'x'.repeat(15_000)}>; rel="help"`;
    world.session.upstream.answer('/large', { headers: { 'x-large': link }, body: 'x' });
    const { status, headers } = await world.ask({ path: '/proxy/acme/large', browser });
    expect([status, headers['x-large']]).toEqual([200, link]);
  });

  test('a WebSocket is refused by us, and the API hears of none', async () => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const { status, headers: answered } = await world.ask({ path: '/proxy/acme/socket', browser, headers });
    expect([status, answered['x-gatehouse-error']]).toEqual([400, 'invalid_request']);
    expect(world.session.upstream.requests).toEqual([]);
  });

  test('over HTTP/2, whose cookies come one by one, a call goes through', async () => {
    const session = connect(world.proxy.https, { servername: host, ca: world.certificate.text });
    const cookies = ['first=1', ...(browser.cookieHeader() ?? '').split('; '), 'last=1'];
    const stream = session.request({ ':path': '/proxy/acme/x', ':authority': host, 'x-csrf': '1', cookie: cookies });
    stream.resume();
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(headers[constants.HTTP2_HEADER_STATUS]).toBe(200);
    await once(stream, 'end');
    session.close();
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])('%s reaches the API as it is', async (method) => {
    const body = method === 'HEAD' || method === 'OPTIONS' ? undefined : Buffer.from('{"a":1}');
    const headers = { 'content-type': 'application/json', ...(body && { 'content-length': body.length }) };
    const answer = await world.ask({ method, path: '/proxy/acme/x', browser, headers }, body);
    expect(answer.status).toBe(200);
    expect([world.session.upstream.last.method, world.session.upstream.last.length]).toEqual([
      method,
      body?.length ?? 0,
    ]);
  });
});
