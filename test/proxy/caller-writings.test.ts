import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { closeAll, rawClient } from './harness.js';
import { bearerOf, startRawWorld, type RawPerson, type RawWorld } from './raw-world.js';
import type { SeenAnswer } from './seen-answers.js';

let world: RawWorld;
let jo: RawPerson;
beforeAll(async () => {
  world = await startRawWorld();
  jo = await world.person('o1');
});
beforeEach(() => {
  world.reached.length = 0;
});
afterAll(async () => {
  await closeAll();
  await world.close();
});

/** The last answer to a request with this line, these headers and this body, from jo. */
async function call(line: string, headers = '', body = ''): Promise<SeenAnswer> {
  const answers = await world.send(`${line}\r\n${jo.identity}${headers}Connection: close\r\n\r\n${body}`);
  return answers.at(-1)!;
}

const chunks = '2\r\nok\r\n0\r\n\r\n';

test.each([
  [
    'chunk extensions and trailers',
    '1.1',
    'Transfer-Encoding: chunked\r\nTrailer: X-T\r\n',
    '2;a="b;c"\r\nok\r\n0;d\r\nX-T: 1\r\nAuthorization: Bearer x\r\n\r\n',
    chunks,
  ],
  ['a coding in any letters', '1.1', 'tRANSFER-eNCODING: CHUNKED\r\n', chunks, chunks],
  ['a space after the coding', '1.1', 'Transfer-Encoding: chunked  \r\n', chunks, chunks],
  ['a coding in another spelling', '1.1', 'Transfer_Encoding: chunked\r\nContent-Length: 2\r\n', 'ok', 'ok'],
  ['a length in another spelling', '1.1', 'Content_Length: 5\r\nContent-Length: 2\r\n', 'ok', 'ok'],
  ['a length with zeros before it', '1.1', 'Content-Length: 0002\r\n', 'ok', 'ok'],
  ['a length of HTTP/1.0', '1.0', 'Content-Length: 2\r\n', 'ok', 'ok'],
  ['an Expect in any letters', '1.1', 'eXPECT: 100-Continue\r\nContent-Length: 2\r\n', 'ok', 'ok'],
  ['an Expect of HTTP/1.0', '1.0', 'Expect: 100-continue\r\nContent-Length: 2\r\n', 'ok', 'ok'],
])('%s: the body reaches the API, framed in one way', async (_, version, headers, body, reached) => {
  expect(await call(`POST /proxy/acme/x HTTP/${version}`, headers, body)).toMatchObject({ status: 200, whole: true });
  expect(world.reached.map((request) => request.body)).toEqual([reached]);
  const framing = world.reached[0]!.headers.filter((line) => /^(content|transfer).(length|encoding):/i.test(line));
  expect(framing.map((line) => line.toLowerCase())).toEqual([
    reached === chunks ? 'transfer-encoding: chunked' : 'content-length: 2',
  ]);
  expect(world.reached[0]!.headers.join('\n')).not.toMatch(/expect|upgrade|settings|trailer|x-t/i);
});

test.each([
  ['a tab around the coding', '1.1', 'Transfer-Encoding:\tchunked\t\r\n', chunks],
  ['a coding in quotation marks', '1.1', 'Transfer-Encoding: "chunked"\r\n', chunks],
  ['a coding with a parameter', '1.1', 'Transfer-Encoding: chunked;q=1\r\n', chunks],
  ['a coding that nobody knows', '1.1', 'Transfer-Encoding: xchunked\r\n', chunks],
  ['a coding that begins as one', '1.1', 'Transfer-Encoding: chunkedx\r\n', chunks],
  ['an empty coding', '1.1', 'Transfer-Encoding:\r\n', chunks],
  ['an empty member before the coding', '1.1', 'Transfer-Encoding: ,chunked\r\n', chunks],
  ['an empty member after the coding', '1.1', 'Transfer-Encoding: chunked,\r\n', chunks],
  ['codings in two lines', '1.1', 'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', chunks],
  ['chunks of HTTP/1.0', '1.0', 'Transfer-Encoding: chunked\r\n', chunks],
  ['chunks and a length of HTTP/1.0', '1.0', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', 'ok'],
  ['a length with a sign', '1.1', 'Content-Length: +2\r\n', 'ok'],
  ['a length in hex', '1.1', 'Content-Length: 0x2\r\n', 'ok'],
  ['an empty length', '1.1', 'Content-Length:\r\n', 'ok'],
  ['a length with a space in it', '1.1', 'Content-Length: 2 2\r\n', 'ok'],
  ['a length beyond all numbers', '1.1', 'Content-Length: 99999999999999999999\r\n', 'ok'],
  ['a negative chunk', '1.1', 'Transfer-Encoding: chunked\r\n', '-2\r\nok\r\n0\r\n\r\n'],
  ['a chunk size with a prefix', '1.1', 'Transfer-Encoding: chunked\r\n', '0x2\r\nok\r\n0\r\n\r\n'],
  ['a chunk size with a space', '1.1', 'Transfer-Encoding: chunked\r\n', '2 \r\nok\r\n0\r\n\r\n'],
  ['chunks that end in LF', '1.1', 'Transfer-Encoding: chunked\r\n', '2\nok\n0\n\n'],
  ['a chunk extension that ends in LF', '1.1', 'Transfer-Encoding: chunked\r\n', '2;a\nok\r\n0\r\n\r\n'],
  ['a chunk size beyond all numbers', '1.1', 'Transfer-Encoding: chunked\r\n', '10000000000000002\r\nok\r\n0\r\n\r\n'],
  ['a length among the trailers', '1.1', 'Transfer-Encoding: chunked\r\n', '2\r\nok\r\n0\r\nContent-Length: 5\r\n\r\n'],
  ['a WebSocket', '1.1', 'Upgrade: websocket\r\nSec-WebSocket-Key: a\r\n', ''],
])('%s: 400, and no whole request reaches the API', async (_, version, headers, body) => {
  expect(await call(`POST /proxy/acme/x HTTP/${version}`, headers, body)).toMatchObject({
    status: 400,
    source: 'invalid_request',
    whole: true,
  });
  expect(world.lines()).toEqual([]);
});

test.each([
  ['its own Authorization', 'Authorization: Bearer x\r\nAUTHORIZATION: Basic y\r\nauthorization:\r\n'],
  ['an Authorization in another spelling', 'Authorization_: x\r\nProxy-Authorization: Basic y\r\n'],
  ['Connection: Authorization', 'Connection: authorization, Authorization\r\nAuthorization: Bearer x\r\n'],
  ['Connection: X-Organization', 'Connection: X-Organization, x-network\r\nX-Organization: o2\r\n'],
  ['Connection: Host', 'Connection: host, cookie, x-csrf, content-length, transfer-encoding\r\n'],
  ['another organization', 'X-Organization: o2\r\nX_Organization: o2\r\nx-ORGANIZATION: o2\r\n'],
  ['another network', 'X-Network: live\r\nx_network: live\r\nX-NETWORK:\r\n'],
  [
    'what servers in between believe',
    'X-Forwarded-For: 1\r\nForwarded: for=1\r\nX-Real-IP: 1\r\nVia: 1\r\nX-Original-URL: /y\r\n',
  ],
  ['a forwarded header in another spelling', 'Idempotency_Key: 1\r\n'],
])('%s: the API sees one token, one organization, one network, all ours', async (_, headers) => {
  expect(await call('GET /proxy/acme/x HTTP/1.1', headers)).toMatchObject({ status: 200 });
  const [{ headers: seen } = { headers: [] }] = world.reached;
  expect(seen.filter((line) => !/^(host|connection|traceparent): /i.test(line))).toEqual([
    'X-Network: test',
    'X-Organization: o1',
    `Authorization: Bearer ${jo.token}`,
  ]);
});

test.each([
  [403, 'X-CSRF', 'X-CSRF: 1\r\n'],
  [401, 'the session', 'COOKIE\r\n'],
  [400, 'Host', 'Host: h\r\n'],
])('%i for two lines of %s', async (status, _, header) => {
  const doubled = header.replace('COOKIE', /Cookie: .*/.exec(jo.identity)![0]);
  expect(await call('GET /proxy/acme/x HTTP/1.1', doubled)).toMatchObject({ status });
  expect(world.lines()).toEqual([]);
});

test.each(['h2c', 'TLS/1.0', 'IRC/6.9, h2c'])('an offer of %s is left alone', async (protocol) => {
  const headers = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: a\r\nContent-Length: 2\r\n`;
  expect(await call('POST /proxy/acme/x HTTP/1.1', headers, 'ok')).toMatchObject({ status: 200, source: 'upstream' });
  expect(world.reached).toMatchObject([{ body: 'ok' }]);
  expect(world.reached[0]!.headers.filter((line) => /^(upgrade|http2-settings):/i.test(line))).toEqual([]);
});

test('whoever has no session is told so before the body is asked for', async () => {
  const text =
    'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nX-CSRF: 1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';
  expect(await world.send(text)).toMatchObject([{ status: 401, source: 'login_required', whole: true }]);
});

test('whoever has one is told to go on, and the body follows', async () => {
  const client = rawClient(
    world.port,
    `POST /proxy/acme/x HTTP/1.1\r\n${jo.identity}Expect: 100-continue\r\nConnection: close\r\nContent-Length: 5\r\n\r\n`,
  );
  expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  expect(world.lines()).toEqual([]);
  client.socket.write('hello');
  expect((await client.closed).text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  expect(world.reached.map(({ body }) => body)).toEqual(['hello']);
});

test('bytes after a request that was to be the last change nothing about its answer', async () => {
  const rest = 'okGET /proxy/acme/hidden HTTP/1.1\r\nHost: h\r\n\r\n';
  expect(await call('POST /proxy/acme/x HTTP/1.1', 'Content-Length: 2\r\n', rest)).toMatchObject({ status: 200 });
  expect(world.lines()).toEqual(['POST /v1/x HTTP/1.1']);
});

test('what cannot be read is refused after the answers to what came before it', async () => {
  const one = (name: string) => `GET /proxy/acme/${name} HTTP/1.1\r\n${jo.identity}\r\n`;
  for (const rest of ['garbage\r\n\r\n', 'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n']) {
    const answers = await world.send(one('one') + one('two') + rest);
    expect(answers.map(({ status, source }) => [status, source])).toEqual([
      [200, 'upstream'],
      [200, 'upstream'],
      [400, 'invalid_request'],
    ]);
    expect(answers[1]!.body).toContain('/v1/two');
  }
});

test('198 header lines are read, 200 are refused', async () => {
  const lines = (count: number) => 'X-A: b\r\n'.repeat(count);
  // Three lines make the identity, and one says close.
  expect((await call('GET /proxy/acme/x HTTP/1.1', lines(195))).status).toBe(200);
  expect((await call('GET /proxy/acme/x HTTP/1.1', lines(196))).status).toBe(400);
  expect(world.reached).toHaveLength(1);
});

test('a header of nearly 16 KiB is read, and one above is refused', async () => {
  expect((await call('GET /proxy/acme/x HTTP/1.1', `Accept: ${'a'.repeat(15_000)}\r\n`)).status).toBe(200);
  expect(world.reached[0]!.headers).toContain(`Accept: ${'a'.repeat(15_000)}`);
  expect((await call('GET /proxy/acme/x HTTP/1.1', `Accept: ${'a'.repeat(16_400)}\r\n`)).status).toBe(431);
  expect(bearerOf(world.reached[0]!)).toBe(jo.token);
});
