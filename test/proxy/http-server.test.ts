import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createHttpServer, type HttpServerOptions } from '../../src/http/server.js';
import { bodyOf, closeAll, exchange, gateway, rawClient, rawUpstream } from './harness.js';

const open: (() => void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) close();
  await closeAll();
});

async function serve(handler: express.RequestHandler, options: HttpServerOptions = {}) {
  const app = express();
  app.use(handler);
  const http = createHttpServer(app, options);
  http.server.listen(0, '127.0.0.1');
  await once(http.server, 'listening');
  open.push(() => {
    http.server.closeAllConnections();
    http.server.close();
  });
  return { app, http, port: (http.server.address() as AddressInfo).port };
}

const end = 'Host: h\r\nConnection: close\r\n\r\n';

test('requests and responses are born with the prototypes that Express gives them', async () => {
  const app: express.Express & { handle?: express.RequestHandler } = express();
  const born: boolean[] = [];
  const handle = app.handle!.bind(app);
  app.handle = (req, res, next) => {
    born.push(Object.getPrototypeOf(req) === app.request, Object.getPrototypeOf(res) === app.response);
    void handle(req, res, next);
  };
  app.get(
    '/x',
    (req, res) =>
      void res.status(201).json({ type: req.get('x-a'), ip: req.ip, q: req.query['b'], app: req.app === app }),
  );
  const http = createHttpServer(app);
  http.server.listen(0, '127.0.0.1');
  await once(http.server, 'listening');
  open.push(() => http.server.close());
  const answer = await exchange((http.server.address() as AddressInfo).port, `GET /x?b=1 HTTP/1.1\r\nX-A: y\r\n${end}`);
  expect(born).toEqual([true, true]);
  expect(answer).toMatch(/^HTTP\/1\.1 201 [^]*\{"type":"y","ip":"127\.0\.0\.1","q":"1","app":true\}$/);
});

test.each([
  ['two Host headers', `GET /x HTTP/1.1\r\nHost: a\r\n${end}`],
  ['no Host header', 'GET /x HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['an upgrade', `GET /x HTTP/1.1\r\nUpgrade: websocket\r\n${end}`],
  ['a target of another scheme', `GET ftp://h/x HTTP/1.1\r\n${end}`],
  ['no HTTP at all', 'hello\r\n\r\n'],
])('%s: 400', async (_, bytes) => {
  let called = 0;
  const { port } = await serve((_req, res) => void res.end(String((called += 1))));
  expect(await exchange(port, bytes)).toMatch(/^HTTP\/1\.1 400 /);
  expect(called).toBe(0);
});

test('more header lines than are read: refused, by Node itself where it can', async () => {
  const { port } = await serve((_req, res) => void res.end());
  const bytes = `GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${'X-A: b\r\n'.repeat(250)}\r\n`;
  expect(await exchange(port, bytes)).toMatch(/^HTTP\/1\.1 (400|431) /);
});

test('a header above 16 KiB: 431', async () => {
  const { port } = await serve((_req, res) => void res.end());
  expect(await exchange(port, `GET /x HTTP/1.1\r\nX-A: ${'a'.repeat(17_000)}\r\n${end}`)).toMatch(/^HTTP\/1\.1 431 /);
});

test.each([
  ['CONNECT', 'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n'],
  ['TRACE', `TRACE /x HTTP/1.1\r\nCookie: a=1\r\n${end}`],
])('%s: 405', async (_, bytes) => {
  const { port } = await serve((_req, res) => void res.end());
  const answer = await exchange(port, bytes);
  expect(answer).toMatch(/^HTTP\/1\.1 405 [^]*Allow: GET[^]*"code":"method_not_allowed"/);
  expect(answer).not.toContain('a=1');
});

test('an absolute target is its path, whoever it names', async () => {
  const { port } = await serve((req, res) => void res.end(`[${req.url}]`));
  expect(await exchange(port, `GET http://evil.test/a//b?c HTTP/1.1\r\n${end}`)).toContain('[/a//b?c]');
  expect(await exchange(port, `GET HTTP://evil.test?c HTTP/1.1\r\n${end}`)).toContain('[/?c]');
});

test('a body that waits for 100 Continue is not asked for when the answer is no', async () => {
  const { port } = await serve((req, res) => void res.status(401).end(String(req.expectsContinue)));
  const client = rawClient(port, 'POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  const { text } = await client.closed;
  expect(text).toMatch(/^HTTP\/1\.1 401 [^]*Connection: close[^]*true$/);
  expect(text).not.toContain('100 Continue');
});

test('100 Continue is sent when somebody reads, and the connection is kept', async () => {
  const { port } = await serve((req, res) => void bodyOf(req).then((body) => res.end(body)));
  const client = rawClient(port, 'POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  client.socket.write('hello');
  expect(await client.until('hello')).toMatch(/Connection: keep-alive/);
});

test('100 Continue never comes after the answer has begun', async () => {
  const { port } = await serve((req, res) => {
    res.write('begun');
    void bodyOf(req).then(() => res.end('done'));
  });
  const client = rawClient(port, 'POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  await client.until('begun');
  client.socket.write('hello');
  expect((await client.closed).text).toMatch(/^HTTP\/1\.1 200 OK\r\n(?![^]*100 Continue)[^]*done/);
});

test('a forwarded upload gets its 100 Continue, and the upstream sees no Expect', async () => {
  const api = await rawUpstream((received, socket) => {
    if (received.endsWith('hello')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const gate = await gateway(api.url);
  const client = rawClient(
    gate.port,
    'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
  );
  await client.until('100 Continue\r\n\r\n');
  client.socket.write('hello');
  await client.until('ok');
  expect(api.received()).not.toMatch(/expect/i);
});

test.each(['y 100-continue', '100-continue, a-miracle', '100-continue;q=1', '"100-continue"', '100-continuex', 'x,'])(
  'the expectation %s is not that of 100 Continue: 417',
  async (expectation) => {
    const { port } = await serve((_req, res) => void res.end());
    const answer = await exchange(port, `POST /x HTTP/1.1\r\nExpect: ${expectation}\r\nContent-Length: 5\r\n${end}`);
    expect(answer).toMatch(/^HTTP\/1\.1 417 [^]*"code":"expectation_failed"/);
  },
);

test.each(['100-Continue', ' 100-continue , 100-continue', '100-continue,'])(
  'the expectation %s is that of 100 Continue',
  async (expectation) => {
    const { port } = await serve((req, res) => void req.resume().on('end', () => res.end('read')));
    const head = `POST /x HTTP/1.1\r\nHost: h\r\nExpect: ${expectation}\r\nContent-Length: 5\r\n\r\n`;
    const client = rawClient(port, head);
    await client.until('100 Continue');
    client.socket.write('hello');
    expect(await client.until('read')).toContain('HTTP/1.1 200');
  },
);

test('any other expectation: 417', async () => {
  const { port } = await serve((_req, res) => void res.end());
  const answer = await exchange(port, `POST /x HTTP/1.1\r\nExpect: a-miracle\r\nContent-Length: 5\r\n${end}`);
  expect(answer).toMatch(/^HTTP\/1\.1 417 [^]*application\/problem\+json[^]*"code":"expectation_failed"/);
});

test('a header that never ends is cut off: 408', async () => {
  const { port } = await serve((_req, res) => void res.end(), { headersTimeoutMs: 200 });
  expect((await rawClient(port, 'GET /x HTTP/1.1\r\nX-A: ').closed).text).toMatch(/^HTTP\/1\.1 408 /);
});

test('a connection that says nothing is closed', async () => {
  const { port } = await serve((_req, res) => void res.end(), { headersTimeoutMs: 200 });
  await rawClient(port, '').closed;
});

test('a body that stops coming is cut off, a slow one is not', async () => {
  const { port } = await serve(
    (req, res) =>
      void bodyOf(req).then(
        () => res.end('done'),
        () => undefined,
      ),
    { bodyIdleTimeoutMs: 1500 },
  );
  const stopped = rawClient(port, 'POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhe');
  const slow = rawClient(port, 'POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n');
  let sent = 0;
  const drip = setInterval(() => sent < 5 && slow.socket.write(String((sent += 1))), 400);
  expect((await stopped.closed).text).toBe('');
  expect(await slow.until('done')).toMatch(/^HTTP\/1\.1 200/);
  clearInterval(drip);
});

test('a drained server finishes what it has begun, says close, and takes nothing new', async () => {
  let release = (): void => undefined;
  const { http, port } = await serve((_req, res) => (release = () => res.end('done')));
  const client = rawClient(port, 'GET /x HTTP/1.1\r\nHost: h\r\n\r\n');
  const idle = connect(port, '127.0.0.1').on('error', () => undefined);
  await Promise.all([once(http.server, 'request'), once(idle, 'connect')]);
  const drained = http.drain(5000);
  const late = connect(port, '127.0.0.1');
  await once(late, 'error');
  release();
  expect((await client.closed).text).toMatch(/Connection: close[^]*done$/);
  expect(await drained).toBe(true);
});

test('a request on a kept connection is refused while draining, so that it can be sent elsewhere', async () => {
  const { http, port } = await serve((_req, res) => void res.end('done'));
  const client = rawClient(port, 'GET /1 HTTP/1.1\r\nHost: h\r\n\r\n');
  await client.until('done');
  const drained = http.drain(5000);
  client.socket.write('GET /2 HTTP/1.1\r\nHost: h\r\n\r\n');
  expect((await client.closed).text).toMatch(/done[^]*HTTP\/1\.1 503 [^]*Retry-After: 1\r\n[^]*"code":"shutting_down"/);
  expect(await drained).toBe(true);
});

test('what does not finish in time is cut off', async () => {
  const { http, port } = await serve(() => undefined);
  const client = rawClient(port, 'GET /x HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(http.server, 'request');
  expect(await http.drain(100)).toBe(false);
  await client.closed;
});
