import { afterEach, expect, test } from '@jest/globals';
import { closeAll, exchange, gateway, rawClient, rawUpstream, type RawUpstream } from './harness.js';

afterEach(closeAll);

/** Answers as soon as a head, or the end of a chunked body, is complete. */
function echoing(): Promise<RawUpstream> {
  return rawUpstream((received, socket) => {
    if (received.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
}

const smuggled = 'GET /v1/smuggled HTTP/1.1\r\nHost: h\r\n\r\n';

test('a chunked DELETE keeps its body inside the request', async () => {
  const api = await rawUpstream((received, socket) => {
    if (received.endsWith('0\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const gate = await gateway(api.url);
  const size = smuggled.length.toString(16);
  const answer = await rawClient(
    gate.port,
    `DELETE /proxy/acme/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${smuggled}\r\n0\r\n\r\n`,
  ).until('ok');
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  const [head, ...rest] = api.received().split('\r\n\r\n');
  expect(head?.toLowerCase()).toMatch(/^delete \/v1\/x http\/1\.1\r\n[^]*transfer-encoding: chunked/);
  expect(rest.join('\r\n\r\n').startsWith(`${size}\r\nGET /v1/smuggled`)).toBe(true);
});

test('a DELETE and a GET with a length keep it', async () => {
  const api = await rawUpstream((received, socket) => {
    if (received.endsWith('end!')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const gate = await gateway(api.url);
  for (const method of ['DELETE', 'GET'])
    await exchange(
      gate.port,
      `${method} /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\nend!`,
    );
  expect(api.received().match(/content-length: 4\r\n\r\nend!/gi)).toHaveLength(2);
  expect(api.received()).not.toMatch(/transfer-encoding/i);
});

test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])('a %s without a body is sent without framing', async (method) => {
  const api = await echoing();
  const gate = await gateway(api.url);
  await exchange(
    gate.port,
    `${method} /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
  expect(api.received()).toMatch(new RegExp(`^${method} `));
  expect(api.received()).not.toMatch(/transfer-encoding|content-length/i);
});

test('a POST without a body says so', async () => {
  const api = await echoing();
  const gate = await gateway(api.url);
  await exchange(gate.port, 'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  expect(api.received()).toMatch(/content-length: 0\r\n\r\n$/i);
});

test('an empty chunked body cannot hide the next request', async () => {
  const api = await echoing();
  const gate = await gateway(api.url);
  const answer = await exchange(
    gate.port,
    'DELETE /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200/);
  expect(api.received()).not.toMatch(/transfer-encoding/i);
});

test.each([
  ['both lengths', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two different lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
  ['two equal lengths', 'Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello'],
  ['a list of lengths', 'Content-Length: 5, 5\r\n\r\nhello'],
  ['a negative length', 'Content-Length: -1\r\n\r\n'],
  ['the coding identity', 'Transfer-Encoding: identity\r\n\r\n'],
  ['chunked not last', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
  ['another coding below chunked', 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a vertical tab before chunked', 'Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n'],
  ['a space before the colon', 'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
  ['a folded header', 'X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a bare LF in a header', 'X-A: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a bare CR in a header', 'X-A: b\rc\r\n\r\n'],
  ['a NUL in a header', 'X-A: b\0c\r\n\r\n'],
  ['a chunk size that is no number', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n'],
])('%s is refused and reaches no upstream', async (_, rest) => {
  const api = await echoing();
  const gate = await gateway(api.url);
  const answer = await rawClient(gate.port, `POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\n${rest}`).until('\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(api.received()).not.toContain('smuggled');
  expect(api.received()).not.toMatch(/\r\n\r\n[^]*0\r\n\r\n/);
});

test('two requests in one packet get two answers in order', async () => {
  const api = await rawUpstream((received, socket) => {
    if (received.endsWith('\r\n\r\n'))
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${received.includes('/two') ? 2 : 1}`);
  });
  const gate = await gateway(api.url);
  const answer = await exchange(
    gate.port,
    'GET /proxy/acme/one HTTP/1.1\r\nHost: h\r\n\r\nGET /proxy/acme/two HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
  );
  expect(answer).toMatch(/\r\n\r\n1HTTP\/1\.1 200 [^]*\r\n\r\n2$/);
});

test('chunks of an upload arrive as they are sent', async () => {
  const api = await rawUpstream((received, socket) => {
    if (received.endsWith('0\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  const gate = await gateway(api.url);
  const client = rawClient(
    gate.port,
    'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n',
  );
  await api.until('first');
  client.socket.write('6\r\nsecond\r\n0\r\n\r\n');
  await client.until('ok');
  expect(api.received()).toMatch(/5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n$/);
});

test.each(['keep-alive', 'close'])(
  'a 304 that states the length of what it does not carry is whole: %s',
  async (kept) => {
    const head = `HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 200\r\nConnection: ${kept}\r\n\r\n`;
    const api = await rawUpstream((_, socket) => (kept === 'close' ? socket.end(head) : socket.write(head)));
    const gate = await gateway(api.url);
    const request = 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nIf-None-Match: "a"\r\nConnection: close\r\n\r\n';
    for (let turn = 1; turn <= 2; turn += 1) {
      expect(await exchange(gate.port, request)).toMatch(
        /^HTTP\/1\.1 304 Not Modified\r\n[^]*ETag: "a"\r\n[^]*\r\n\r\n$/,
      );
      expect(await gate.outcome(turn)).toMatchObject({ source: 'upstream', status: 304 });
      expect(await gate.outcome(turn)).not.toHaveProperty('brokenBy');
    }
  },
);
