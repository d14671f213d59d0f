import { afterEach, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { bodyOf, closeAll, exchange, gateway, rawUpstream, upstream } from './harness.js';

afterEach(closeAll);

const end = 'Host: h\r\nConnection: close\r\n\r\n';

test('a GET arrives with one Authorization, no body framing, and none of the browser’s identity', async () => {
  const api = await rawUpstream((_, socket) => socket.write('HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nok'));
  const gate = await gateway(api.url, { headers: [['X-Network', 'test']] });
  const answer = await exchange(
    gate.port,
    `GET /proxy/acme/a%2Fb/x?x=1&x=2 HTTP/1.1\r\nAuthorization: Bearer mine\r\nCookie: a=1\r\nX-Network: live\r\nx_network: live\r\nAccept: a/b\r\n${end}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 Fine\r\n[^]*\r\n\r\nok$/);
  expect(api.received()).toBe(
    `GET /v1/a%2Fb/x?x=1&x=2 HTTP/1.1\r\nhost: ${api.url.host}\r\nconnection: keep-alive\r\nAccept: a/b\r\nX-Network: test\r\nAuthorization: Bearer t1\r\n\r\n`,
  );
  expect(await gate.outcome()).toMatchObject({ source: 'upstream', status: 200 });
});

test('10 MB travel unchanged in both directions', async () => {
  const api = await upstream((req, res) => void bodyOf(req).then((body) => res.end(body)));
  const gate = await gateway(api.url);
  const body = randomBytes(10 * 1024 * 1024);
  const answer = await fetch(`${gate.origin}/proxy/acme/echo`, { method: 'POST', body });
  const back = Buffer.from(await answer.arrayBuffer());
  expect(createHash('sha256').update(back).digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
});

test('a compressed body is passed on as it is, with its coding and length', async () => {
  const packed = gzipSync('hello '.repeat(1000));
  const api = await upstream((_, res) =>
    res.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': packed.length }).end(packed),
  );
  const gate = await gateway(api.url);
  const answer = await exchange(gate.port, `GET /proxy/acme/z HTTP/1.1\r\n${end}`);
  expect(answer).toContain('Content-Encoding: gzip\r\n');
  expect(answer).toContain(`Content-Length: ${packed.length}\r\n`);
  expect(Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1').equals(packed)).toBe(true);
});

test('HEAD, 204 and 304 have their headers and no body', async () => {
  const api = await upstream((req, res) => {
    if (req.method === 'HEAD') res.writeHead(200, { 'Content-Length': 1234 }).end();
    else if (req.url === '/v1/none') res.writeHead(204).end();
    else res.writeHead(304, { ETag: '"a"' }).end();
  });
  const gate = await gateway(api.url);
  const head = await exchange(gate.port, `HEAD /proxy/acme/x HTTP/1.1\r\n${end}`);
  const none = await exchange(gate.port, `GET /proxy/acme/none HTTP/1.1\r\n${end}`);
  const same = await exchange(gate.port, `GET /proxy/acme/same HTTP/1.1\r\nIf-None-Match: "a"\r\n${end}`);
  expect(head).toMatch(/Content-Length: 1234\r\n[^]*\r\n\r\n$/);
  expect(none).toMatch(/^HTTP\/1\.1 204 [^]*\r\n\r\n$/);
  expect(none.toLowerCase()).not.toMatch(/content-length|transfer-encoding/);
  expect(same).toMatch(/^HTTP\/1\.1 304 [^]*ETag: "a"[^]*\r\n\r\n$/);
});

test('a range is asked for and answered as such', async () => {
  const api = await upstream((req, res) =>
    res
      .writeHead(206, { 'Content-Range': 'bytes 0-1/9', 'Content-Length': 2 })
      .end(req.headers.range === 'bytes=0-1' ? 'ab' : 'no'),
  );
  const gate = await gateway(api.url);
  const answer = await exchange(gate.port, `GET /proxy/acme/r HTTP/1.1\r\nRange: bytes=0-1\r\nIf-Range: "e"\r\n${end}`);
  expect(answer).toMatch(/^HTTP\/1\.1 206 [^]*Content-Range: bytes 0-1\/9[^]*\r\n\r\nab$/);
});

test('interim answers and trailers stay here', async () => {
  const api = await rawUpstream((_, socket) =>
    socket.write(
      'HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a=1\r\n\r\n',
    ),
  );
  const gate = await gateway(api.url);
  const answer = await exchange(gate.port, `GET /proxy/acme/x HTTP/1.1\r\n${end}`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  expect(answer).toMatch(/\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
  expect(answer).not.toMatch(/103|X-Sum|Trailer|Set-Cookie/);
});

test('an error of the provider passes with its body and Retry-After, unmarked', async () => {
  const api = await upstream((_, res) =>
    res.writeHead(429, { 'Retry-After': '7', 'X-Gatehouse-Error': 'login_required' }).end('{"slow":1}'),
  );
  const gate = await gateway(api.url);
  const answer = await exchange(gate.port, `GET /proxy/acme/x HTTP/1.1\r\n${end}`);
  expect(answer).toMatch(/^HTTP\/1\.1 429 [^]*Retry-After: 7[^]*\{"slow":1\}/);
  expect(answer).not.toContain('X-Gatehouse-Error');
});

test('redirects are passed on, never followed', async () => {
  let calls = 0;
  const api = await upstream((req, res) => {
    calls += 1;
    res.writeHead(302, { Location: req.url === '/v1/in' ? '/v1/next?a=1' : 'http://evil.test/x' }).end();
  });
  const gate = await gateway(api.url);
  const inside = await exchange(gate.port, `GET /proxy/acme/in HTTP/1.1\r\n${end}`);
  const outside = await exchange(gate.port, `GET /proxy/acme/out HTTP/1.1\r\n${end}`);
  expect(inside).toContain('Location: /proxy/acme/next?a=1\r\n');
  expect(outside).toMatch(/^HTTP\/1\.1 302/);
  expect(outside).not.toMatch(/location|evil/i);
  expect(calls).toBe(2);
});

test('no call leaves for another host, whatever the path looks like', async () => {
  const seen: string[] = [];
  const api = await upstream((req, res) => {
    seen.push(`${req.headers.host} ${req.url}`);
    res.end();
  });
  const gate = await gateway(api.url);
  for (const path of ['//evil.test/x', '/http://evil.test/', '/@evil.test', '/u:p@evil.test'])
    await exchange(gate.port, `GET /proxy/acme${path} HTTP/1.1\r\n${end}`);
  await exchange(gate.port, `GET http://evil.test/proxy/acme/abs HTTP/1.1\r\n${end}`);
  expect(seen).toEqual(
    ['//evil.test/x', '/http://evil.test/', '/@evil.test', '/u:p@evil.test', '/abs'].map(
      (path) => `${api.url.host} /v1${path}`,
    ),
  );
});

test('OPTIONS with Max-Forwards counts down and ends here at zero', async () => {
  const seen: (string | undefined)[] = [];
  const api = await upstream((req, res) => {
    seen.push(req.headers['max-forwards'] as string | undefined);
    res.end();
  });
  const gate = await gateway(api.url);
  await exchange(gate.port, `OPTIONS /proxy/acme/x HTTP/1.1\r\nMax-Forwards: 3\r\n${end}`);
  const last = await exchange(gate.port, `OPTIONS /proxy/acme/x HTTP/1.1\r\nMax-Forwards: 0\r\n${end}`);
  expect(seen).toEqual(['2']);
  expect(last).toMatch(/^HTTP\/1\.1 204 [^]*Allow: GET/);
  expect(await gate.outcome(2)).toEqual({ source: 'gatehouse', status: 204 });
});
