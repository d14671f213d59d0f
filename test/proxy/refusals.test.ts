import { afterEach, expect, test } from '@jest/globals';
import { closeAll, gateway, rawClient, rawUpstream } from './harness.js';

afterEach(closeAll);

const end = 'Host: h\r\nConnection: close\r\n\r\n';

test.each([
  ['a header above 16 KiB', `GET /x HTTP/1.1\r\nX-A: ${'a'.repeat(17_000)}\r\n${end}`, 431, 'header_too_large'],
  ['a header of 64 KiB', `GET /x HTTP/1.1\r\nX-A: ${'a'.repeat(65_536)}\r\n${end}`, 431, 'header_too_large'],
  ['a target above 16 KiB', `GET /${'a'.repeat(17_000)} HTTP/1.1\r\n${end}`, 431, 'header_too_large'],
  ['no HTTP', 'hello\r\n\r\n', 400, 'invalid_request'],
  [
    'two lengths',
    'POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    400,
    'invalid_request',
  ],
  ['two hosts', `GET /x HTTP/1.1\r\nHost: a\r\n${end}`, 400, 'invalid_request'],
  ['no end of the header', 'GET /x HTTP/1.1\r\nX-A: ', 408, 'request_timeout'],
  ['CONNECT', 'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n', 405, 'method_not_allowed'],
  ['TRACE', `TRACE /x HTTP/1.1\r\n${end}`, 405, 'method_not_allowed'],
  [
    'a strange Expect',
    `POST /x HTTP/1.1\r\nExpect: a-miracle\r\nContent-Length: 5\r\n${end}`,
    417,
    'expectation_failed',
  ],
])(
  '%s: one whole problem whose status is that of its line, and nothing is read after it',
  async (_, bytes, status, code) => {
    const api = await rawUpstream(() => undefined);
    const gate = await gateway(api.url, {}, { headersTimeoutMs: 300 });
    const behind = status === 408 ? '' : 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n';
    const { text } = await rawClient(gate.port, bytes + behind).closed;
    expect(gate.outcomes).toEqual([]);
    const [head = '', body = '', ...more] = text.split('\r\n\r\n');
    expect(more).toEqual([]);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
    expect(head).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/);
    expect(head).toMatch(new RegExp(`\\r\\nX-Gatehouse-Error: ${code}\\r\\n`));
    expect(head).toMatch(/\r\nConnection: close(\r\n|$)/);
    expect(head).toContain(`\r\nContent-Length: ${body.length}\r\n`);
    expect(head).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/);
    const problem = JSON.parse(body) as Record<string, unknown>;
    expect(problem).toMatchObject({ type: `urn:gatehouse:problem:${code}`, status, code, detail: expect.any(String) });
    expect(head).toContain(`\r\nX-Request-Id: ${String(problem['request_id'])}`);
  },
);

test('chunk extensions without end are refused, and nothing of them is passed on', async () => {
  const api = await rawUpstream(() => undefined);
  const gate = await gateway(api.url);
  const { text } = await rawClient(
    gate.port,
    `POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`,
  ).closed;
  expect(text).toMatch(/^HTTP\/1\.1 413 [^]*X-Gatehouse-Error: body_too_large[^]*"status":413/);
  expect(api.received()).not.toMatch(/aaa|hello/);
});
