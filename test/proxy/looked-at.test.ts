import { afterEach, expect, test } from '@jest/globals';
import { GatehouseError } from '../../src/errors.js';
import { closeAll, closing, gateway, rawClient, rawUpstream } from './harness.js';

afterEach(closeAll);

const type = 'Content-Type: application/json\r\n';

/** Behind it an API that gives this head and `begin`, and `rest` when it is let go; every body read is a refusal. */
async function looking(head: string) {
  let asked = 0;
  let letGo = (): void => undefined;
  const api = await rawUpstream((_, socket) => {
    socket.write(`${head}\r\nbegin`);
    letGo = () => socket.end('rest');
  });
  const gate = await gateway(api.url, {
    isAuthFailureBody: () => true,
    onAuthFailure: () => {
      asked += 1;
      return Promise.resolve(undefined);
    },
  });
  return { gate, api, asked: () => asked, letGo: () => letGo() };
}

test.each([
  ['an error', `HTTP/1.1 404 Not Found\r\n${type}`],
  ['a compressed answer', `HTTP/1.1 200 OK\r\n${type}Content-Encoding: gzip\r\n`],
  ['an answer of known length that is more than is held', `HTTP/1.1 200 OK\r\n${type}Content-Length: 65537\r\n`],
  ['an answer that is not JSON', 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'],
])('%s is passed on while it comes, and not read as a refusal', async (_, head) => {
  const { gate, asked, letGo } = await looking(head);
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  await client.until('begin');
  letGo();
  await client.closed;
  expect(asked()).toBe(0);
});

test('a small JSON answer is read when it is whole', async () => {
  const { gate, api, asked, letGo } = await looking(`HTTP/1.1 200 OK\r\n${type}Content-Encoding: identity\r\n`);
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  await api.until('\r\n\r\n');
  letGo();
  expect((await client.closed).text).toContain('rest');
  expect(asked()).toBe(1);
});

test('a refusal that comes before the whole body is passed on: half a body is not sent again', async () => {
  const api = await rawUpstream((_, socket) => socket.write('HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n'));
  const gate = await gateway(api.url, { onAuthFailure: () => Promise.resolve('Bearer t2') });
  const head = 'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
  const client = rawClient(gate.port, `${head}5\r\nbegin\r\n`);
  expect(await client.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 401 No\r\n/);
  expect(api.received()).not.toContain('Bearer t2');
});

/** Refuses t1 with an answer that breaks off, and takes t2. Resolves `over` when the broken connection is gone on both sides. */
async function breakingRefusal() {
  let isOver = (): void => undefined;
  const over = new Promise<void>((resolve) => (isOver = resolve));
  const api = await rawUpstream((received, socket) => {
    if (received.includes('Bearer t2')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nwelcome');
    else socket.once('close', isOver).end('HTTP/1.1 401 No\r\nContent-Length: 10\r\n\r\nhalf');
  });
  return { api, over };
}

test('a refusal that breaks off is one all the same: the call is repeated with a new token', async () => {
  const { api, over } = await breakingRefusal();
  const gate = await gateway(api.url, { onAuthFailure: () => over.then(() => 'Bearer t2') });
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  expect((await client.closed).text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*welcome$/);
});

test('a refusal that breaks off while it is looked at, and no new token follows: upstream_invalid_response', async () => {
  const { api, over } = await breakingRefusal();
  const gate = await gateway(api.url, { onAuthFailure: () => over.then(() => undefined) });
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  expect((await client.closed).text).toMatch(/^HTTP\/1\.1 502 [^]*upstream_invalid_response/);
});

test('a refusal that nobody will read ends its connection to the API', async () => {
  const api = await rawUpstream((_, socket) => socket.write('HTTP/1.1 401 No\r\nContent-Length: 10\r\n\r\nhalf'));
  const gate = await gateway(api.url, {
    onAuthFailure: () => Promise.reject(new GatehouseError('reauth_required', 'Connect again')),
  });
  const client = rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  expect((await client.closed).text).toMatch(/^HTTP\/1\.1 401 [^]*reauth_required/);
  await closing(api.sockets[0]!);
});
