import { afterEach, expect, test } from '@jest/globals';
import { closeAll, exchange, gateway, rawClient, rawUpstream } from './harness.js';

afterEach(closeAll);

const get = 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n';
const final = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone';

test.each([
  ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['100 with headers', 'HTTP/1.1 100 Continue\r\nX-A: 100\r\nDate: x\r\n\r\n'],
  ['100 without a reason', 'HTTP/1.1 100\r\n\r\n'],
  ['100 after an empty line', '\r\nHTTP/1.1 100 Continue\r\n\r\n'],
  ['several', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'],
  ['102 and 103', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n'],
  ['one that nobody knows', 'HTTP/1.1 199 What\r\nX-A: b\r\n\r\n'],
])('interim answers nobody asked for are invisible: %s', async (_, interim) => {
  const api = await rawUpstream((_received, socket) => socket.write(interim + final));
  const gate = await gateway(api.url);
  for (let turn = 0; turn < 3; turn += 1) {
    const answer = await exchange(gate.port, get);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\ndone$/);
    expect(answer).not.toMatch(/X-A|Link|HTTP\/1\.1 1/);
  }
  expect(api.sockets).toHaveLength(1);
});

test('an interim answer that comes byte by byte is invisible, and the reason after it whole', async () => {
  const api = await rawUpstream((_, socket) => {
    const bytes = `HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\nHTTP/1.1 299 Quite good\r\nContent-Length: 4\r\n\r\ndone`;
    const next = (at: number): void => {
      if (at < bytes.length) socket.write(bytes.slice(at, at + 1), () => setImmediate(next, at + 1));
    };
    next(0);
  });
  const gate = await gateway(api.url);
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 299 Quite good\r\n[^]*\r\n\r\ndone$/);
});

test('interim answers do not put off the moment at which an answer is late', async () => {
  const api = await rawUpstream((_, socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 50);
    socket.on('close', () => clearInterval(timer)).on('error', () => undefined);
  });
  const gate = await gateway(api.url, {}, { headersTimeoutMs: 400 });
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 504 /);
});

test('an upload for which the upstream says 100 by itself goes on', async () => {
  const api = await rawUpstream((received, socket) => {
    if (received.endsWith('begin')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    if (received.endsWith('end!')) socket.write(final);
  });
  const gate = await gateway(api.url);
  const head = 'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100009\r\n\r\n';
  const client = rawClient(gate.port, `${head}begin`);
  await api.until('begin');
  client.socket.write(`${'a'.repeat(100_000)}end!`);
  expect(await client.until('done')).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('a body that looks like an interim answer stays as it is, also while an upload is under way', async () => {
  const body = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n';
  const api = await rawUpstream((received, socket) => {
    if (received.endsWith('begin')) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length * 2}\r\n\r\n`);
    if (received.endsWith('one') || received.endsWith('0\r\n\r\n')) socket.write(body);
  });
  const gate = await gateway(api.url);
  const chunked = 'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
  const client = rawClient(gate.port, `${chunked}5\r\nbegin\r\n`);
  await client.until('200 OK');
  client.socket.write('3\r\none\r\n');
  await client.until(body);
  client.socket.write('3\r\ntwo\r\n0\r\n\r\n');
  await client.until(body + body);
});

test.each([
  ['an interim answer alone', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['interim answers without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2000)],
  ['a reason phrase without end', `HTTP/1.1 200 ${'a'.repeat(100_000)}`],
])('%s: upstream_invalid_response', async (_, interim) => {
  const api = await rawUpstream((_received, socket) => {
    socket.write(interim);
    if (interim.length < 100) socket.end();
  });
  const gate = await gateway(api.url);
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 502 [^]*upstream_invalid_response/);
});
