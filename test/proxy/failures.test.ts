import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createNetServer, type AddressInfo, type Socket } from 'node:net';
import { GatehouseError } from '../../src/errors.js';
import { closeAll, closing, exchange, gateway, rawClient, rawUpstream } from './harness.js';

afterEach(closeAll);

const end = 'Host: h\r\nConnection: close\r\n\r\n';
const get = `GET /proxy/acme/x HTTP/1.1\r\n${end}`;

async function codeFor(answer: (received: string, socket: Socket) => void, options = {}) {
  const api = await rawUpstream(answer);
  const gate = await gateway(api.url, {}, options);
  return /X-Gatehouse-Error: (\w+)/.exec(await exchange(gate.port, get))?.[1];
}

test('a refused connection is upstream_unreachable', async () => {
  const free = createNetServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  const gate = await gateway(new URL(`http://127.0.0.1:${port}/`));
  const answer = await exchange(gate.port, get);
  expect(answer).toMatch(/^HTTP\/1\.1 502 [^]*X-Gatehouse-Error: upstream_unreachable/);
});

test('a name that does not resolve is upstream_unreachable', async () => {
  const gate = await gateway(new URL('http://nowhere.invalid/'));
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 502 [^]*upstream_unreachable/);
});

test('an upstream that hangs up before it answers is upstream_unreachable', async () => {
  expect(await codeFor((_, socket) => socket.end())).toBe('upstream_unreachable');
});

test('an upstream that never answers is upstream_timeout', async () => {
  expect(await codeFor(() => undefined, { headersTimeoutMs: 200 })).toBe('upstream_timeout');
});

test.each([
  ['no HTTP', 'SSH-2.0-OpenSSH_9\r\n'],
  ['both lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na'],
  ['an unasked upgrade', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['a header that is too large', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`],
])('%s is upstream_invalid_response', async (_, bytes) => {
  expect(await codeFor((_received, socket) => socket.end(bytes))).toBe('upstream_invalid_response');
});

test.each([
  ['a length', 'Content-Length: 10\r\n\r\nhalf'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
])('a body with %s that breaks off tears the caller’s connection down', async (_, rest) => {
  const api = await rawUpstream((_received, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${rest}`, () => setTimeout(() => socket.destroy(), 20));
  });
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\n\r\n');
  const { text } = await client.closed;
  expect(text).toContain('half');
  expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
  expect(await gate.outcome()).toMatchObject({ source: 'upstream', status: 200, brokenBy: expect.any(Error) });
});

test('a body without a length that ends in a reset does not look whole', async () => {
  const api = await rawUpstream((_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nhalf', () => setTimeout(() => socket.resetAndDestroy(), 20));
  });
  const gate = await gateway(api.url);
  const { text } = await rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\n\r\n').closed;
  expect(text).toContain('half');
  expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
});

test('a body without a length that ends properly is whole', async () => {
  const api = await rawUpstream((_, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nwhole'));
  const gate = await gateway(api.url);
  expect(await exchange(gate.port, get)).toMatch(/5\r\nwhole\r\n0\r\n\r\n$/);
});

test('a caller of HTTP/1.0 is told of a broken body by a reset', async () => {
  const api = await rawUpstream((_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', () =>
      setTimeout(() => socket.destroy(), 20),
    );
  });
  const gate = await gateway(api.url);
  const { reset } = await rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.0\r\nHost: h\r\n\r\n').closed;
  expect(reset).toBe(true);
});

test('a caller who leaves during a download closes the upstream connection within a second', async () => {
  const api = await rawUpstream((_, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin'));
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\n\r\n');
  await client.until('begin');
  client.socket.destroy();
  expect(await closing(api.sockets[0]!)).toBeLessThan(1000);
  expect(await gate.outcome()).toMatchObject({ source: 'client_abort', status: 200 });
});

test('a caller who leaves before the answer closes the upstream connection within a second', async () => {
  const api = await rawUpstream(() => undefined);
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\n\r\n');
  await api.until('\r\n\r\n');
  client.socket.destroy();
  expect(await closing(api.sockets[0]!)).toBeLessThan(1000);
  expect(await gate.outcome()).toMatchObject({ source: 'client_abort' });
});

test.each([
  ['with a length', 'Content-Length: 1000000\r\n\r\n'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\n'],
])('a caller who leaves during an upload %s closes the upstream connection within a second', async (_, framing) => {
  const api = await rawUpstream(() => undefined);
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, `POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\n${framing}begin`);
  await api.until('begin');
  client.socket.destroy();
  expect(await closing(api.sockets[0]!)).toBeLessThan(1000);
  expect(await gate.outcome()).toMatchObject({ source: 'client_abort' });
});

test('a caller who leaves while its call waits for a free connection is never sent on', async () => {
  const api = await rawUpstream((received, socket) => {
    if (received.includes('/last')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  const gate = await gateway(api.url, {}, { connections: 1 });
  const first = rawClient(gate.port, 'GET /proxy/acme/first HTTP/1.1\r\nHost: h\r\n\r\n');
  await api.until('/first');
  const second = rawClient(gate.port, 'GET /proxy/acme/second HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(gate.http.server, 'request');
  second.socket.destroy();
  await gate.outcome(1);
  first.socket.destroy();
  expect(await exchange(gate.port, `GET /proxy/acme/last HTTP/1.1\r\n${end}`)).toMatch(/^HTTP\/1\.1 200/);
  expect(api.received()).not.toContain('/second');
});

test('a thousand abandoned calls leave no connection behind', async () => {
  const api = await rawUpstream(() => undefined);
  const gate = await gateway(api.url);
  for (let round = 0; round < 20; round += 1) {
    const clients = Array.from({ length: 50 }, () =>
      rawClient(gate.port, `GET /proxy/acme/${round}- HTTP/1.1\r\nHost: h\r\n\r\n`),
    );
    await Promise.all(clients.map((client) => once(client.socket, 'connect')));
    await api.until(`/${round}-`);
    for (const client of clients) client.socket.destroy();
    await gate.outcome((round + 1) * 50);
  }
  await Promise.all(api.sockets.map(closing));
  expect(gate.outcomes.every((outcome) => 'source' in outcome && outcome.source === 'client_abort')).toBe(true);
});

test('a body above the limit is refused at once when its length is stated', async () => {
  const api = await rawUpstream(() => undefined);
  const gate = await gateway(api.url, {}, { maxBodyBytes: 1000 });
  const answer = await rawClient(
    gate.port,
    'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n',
  ).until('\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*body_too_large/);
  expect(api.received()).toBe('');
});

test('a body above the limit is refused on the way and the upstream call aborted', async () => {
  const api = await rawUpstream(() => undefined);
  const gate = await gateway(api.url, {}, { maxBodyBytes: 1000 });
  const client = rawClient(
    gate.port,
    'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n' + 'a'.repeat(500) + '\r\n',
  );
  await api.until('aaa');
  client.socket.write('1f5\r\n' + 'b'.repeat(501) + '\r\n');
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 413 [^]*body_too_large/);
  await closing(api.sockets[0]!);
  expect(api.received()).not.toContain('0\r\n\r\n');
});

test('an answer that comes before the whole body reaches the caller', async () => {
  const api = await rawUpstream((_, socket) =>
    socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig'),
  );
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, 'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\nbegin');
  expect(await client.until('big')).toMatch(/^HTTP\/1\.1 413 Too Large/);
});

test('a caller may finish its body after an early answer, which says that it is the last of the connection', async () => {
  const api = await rawUpstream((received, socket) => {
    if (received !== '' && !socket.isPaused()) {
      socket.pause();
      setTimeout(() => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig'), 200);
    }
  });
  const gate = await gateway(api.url);
  const head = 'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nContent-Length: 30000000\r\n\r\n';
  const client = rawClient(gate.port, head);
  const sent = new Promise((resolve) => client.socket.write(Buffer.alloc(30_000_000, 'y'), resolve));
  expect(await client.until('big')).toContain('Connection: close\r\n');
  await sent;
  expect(await client.closed).toMatchObject({ reset: false });
});

test('a caller who left before the call was made causes none', async () => {
  const api = await rawUpstream(() => undefined);
  const gate = await gateway(api.url);
  const forwarded = new Promise((resolve) => {
    gate.http.server.removeAllListeners('request');
    gate.http.server.on('request', (req: IncomingMessage, res: ServerResponse) => {
      res.on('close', () => gate.forwarder.forward(req, res, gate.call('/x'), (_error, outcome) => resolve(outcome)));
    });
  });
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(gate.http.server, 'request');
  client.socket.destroy();
  expect(await forwarded).toEqual({ source: 'client_abort' });
  expect(api.sockets).toHaveLength(0);
});

test('an upstream that dies during an upload is reported, and the caller is heard to the end', async () => {
  const api = await rawUpstream((_, socket) => socket.destroy());
  const gate = await gateway(api.url);
  const client = rawClient(
    gate.port,
    'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n',
  );
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 502 [^]*upstream_unreachable/);
  client.socket.write('0\r\n\r\n');
  expect(await client.closed).toMatchObject({ text: expect.stringContaining('Connection: close'), reset: false });
});

test('the outcome of a failed call names the cause without its text', async () => {
  const api = await rawUpstream((_, socket) => socket.end('secret-text\r\n'));
  const gate = await gateway(api.url);
  await exchange(gate.port, get);
  const outcome = await gate.outcome();
  expect(outcome).toBeInstanceOf(GatehouseError);
  expect((outcome as GatehouseError).message).not.toContain('secret-text');
});
