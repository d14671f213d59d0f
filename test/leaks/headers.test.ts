import { connect as openSocket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startSessionWorld, type SessionWorld } from '../session/session-world.js';
import { readBody } from '../world/listen.js';
import type { Answer } from '../world/answer.js';
import { send } from '../world/transport.js';

/** Everything that comes back to these bytes, as text. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = openSocket(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  return (await readBody(socket as never)).toString('latin1');
}

/** Answers of every kind that Gatehouse makes itself. */
async function answers(world: SessionWorld, prefix: string): Promise<[string, Answer][]> {
  const browser = await world.connected('acme');
  const html = { accept: 'text/html' };
  const asked: [string, () => Promise<Answer>][] = [
    ['home', () => browser.get('/', html)],
    ['a page of a connection', () => browser.get('/connections/acme', html)],
    ['setup', () => browser.get('/setup/acme', html)],
    ['the session', () => browser.api.get('/api/session')],
    ['connections', () => browser.api.get('/api/connections')],
    ['health', () => browser.get('/healthz')],
    ['readiness', () => browser.get('/readyz')],
    ['a redirect to the provider', () => browser.navigate('/connect/acme', { from: browser.base, follow: false })],
    ['the page that asks first', () => browser.navigate('/connect/acme', { from: 'https://evil.test/' })],
    ['a callback out of nowhere', () => browser.get('/connect/acme/callback?code=c&state=s', html)],
    ['404 as a page', () => browser.get('/nowhere', html)],
    ['404 as JSON', () => browser.api.get('/api/nowhere')],
    ['404 of an unknown provider', () => browser.api.get('/proxy/nobody/x')],
    ['405', () => browser.api.get('/logout')],
    ['405 of an API', () => browser.api.patch('/api/session')],
    [
      '413',
      () => browser.api.post('/logout', { body: 'x'.repeat(40_000), headers: { 'content-type': 'application/json' } }),
    ],
    [
      '400 of broken JSON',
      () => browser.api.post('/logout', { body: '{', headers: { 'content-type': 'application/json' } }),
    ],
    ['400 of a broken escape', () => browser.get('/connect/%E0%A4%A', html)],
    [
      '400 of an unknown charset',
      () => browser.api.post('/logout', { body: 'x', headers: { 'content-type': 'application/json; charset=x' } }),
    ],
    ['400 of a climbing path', () => browser.api.get('/proxy/acme/%2e%2e/x')],
    ['401', () => browser.newBrowser().api.get('/proxy/acme/x')],
    ['403', () => browser.get('/proxy/acme/x')],
    ['403 of a foreign form', () => browser.post('/logout', { headers: { origin: 'https://evil.test' } })],
    [
      'a preflight',
      () =>
        browser.request('OPTIONS', '/api/session', {
          headers: { origin: 'https://evil.test', 'access-control-request-method': 'PUT' },
        }),
    ],
    ['an asset that is not there', () => browser.get('/assets/nothing.css')],
    ['417', () => browser.get('/', { headers: { expect: 'something' } })],
    ['an upgrade', () => browser.get('/', { headers: { upgrade: 'websocket', connection: 'upgrade' } })],
    ['logging out', () => browser.newTab().api.post('/logout')],
  ];
  const made: [string, Answer][] = [];
  for (const [name, ask] of asked) made.push([name, await ask()]);
  const url = new URL(`http://127.0.0.1:${world.app.port}${prefix}/healthz`);
  made.push(['health by the address', await send({ method: 'GET', url, headers: {} })]);
  return made;
}

const garbled: [string, string][] = [
  ['no HTTP', 'nonsense\r\n\r\n'],
  ['two Host headers', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'],
  ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['a header that is too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
  ['both lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'],
];

describe.each([
  ['over http', undefined],
  ['over https', 'https://app.test'],
])('%s', (_name, publicUrl) => {
  let world: SessionWorld;
  beforeAll(async () => {
    world = await startSessionWorld(publicUrl === undefined ? {} : { PUBLIC_URL: publicUrl });
  });
  afterAll(() => world.close());

  test('every answer of ours is unsniffable, unframed, uncached and anonymous, with HSTS exactly under https', async () => {
    for (const [name, { headers, status }] of await answers(world, '')) {
      expect([name, headers['cache-control']]).toEqual([name, 'no-store']);
      expect([name, headers['x-content-type-options']]).toEqual([name, 'nosniff']);
      expect([name, headers['referrer-policy']]).toEqual([name, 'same-origin']);
      expect([name, headers['content-security-policy']]).toEqual([
        name,
        expect.stringContaining("frame-ancestors 'none'"),
      ]);
      expect([name, headers['x-powered-by'], headers['server']]).toEqual([name, undefined, undefined]);
      expect([name, status, headers['strict-transport-security'] !== undefined]).toEqual([
        name,
        status,
        publicUrl !== undefined,
      ]);
    }
  });

  test.each(garbled)('so is the answer to %s, before any route is asked', async (_what, bytes) => {
    const answer = await raw(world.app.port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    for (const line of ['Cache-Control: no-store', 'X-Content-Type-Options: nosniff', 'Referrer-Policy: same-origin'])
      expect(answer).toContain(`\r\n${line}\r\n`);
    expect(answer).toMatch(/\r\nContent-Security-Policy: .*frame-ancestors 'none'/);
    expect(answer.includes('Strict-Transport-Security')).toBe(publicUrl !== undefined);
  });

  test("a proxied answer carries our transport policy and never the upstream's", async () => {
    world.upstream.answer('/hsts', {
      headers: { 'strict-transport-security': 'max-age=1; includeSubDomains' },
      body: 'x',
    });
    const { headers } = await (await world.connected('acme')).api.get('/proxy/acme/hsts');
    expect(headers['strict-transport-security']).toBe(publicUrl === undefined ? undefined : 'max-age=31536000');
  });
});
