import { expect, test } from '@jest/globals';
import { requestHeaders, type RequestHeaderRules } from '../../src/proxy/request-headers.js';

function sent(raw: string[], rules: Partial<RequestHeaderRules> = {}): [string, string][] {
  const flat = requestHeaders(raw, {
    headers: [],
    forwardRequestHeaders: new Set(),
    authorization: 'Bearer t',
    ...rules,
  });
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]!] as [string, string]] : []));
}

const ours: [string, string] = ['Authorization', 'Bearer t'];

test('content negotiation, conditions, ranges and tracing pass as they are spelt', () => {
  const raw = [
    ['ACCEPT', 'a/b'],
    ['Accept-Language', 'nb'],
    ['Content-Type', 'application/json; charset=utf-8'],
    ['If-None-Match', '"x"'],
    ['Range', 'bytes=0-'],
    ['traceparent', '00-aa-bb-01'],
    ['Last-Event-ID', '7'],
    ['Prefer', 'return=minimal'],
    ['User-Agent', 'm'],
  ];
  expect(sent(raw.flat())).toEqual([...raw, ours]);
});

test.each([
  'Authorization',
  'AUTHORIZATION',
  'Cookie',
  'Proxy-Authorization',
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Real-IP',
  'Via',
  'Host',
  'Origin',
  'Referer',
  'Sec-Fetch-Site',
  'X-CSRF',
  'Connection',
  'Keep-Alive',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'HTTP2-Settings',
  'Expect',
  'Content-Length',
  'Max-Forwards',
  'X-HTTP-Method-Override',
  'X-Original-URL',
  'X-Unknown',
])('%s of the caller stays here', (name) => {
  expect(sent([name, 'x'])).toEqual([ours]);
});

test.each([
  'authorization',
  'cookie',
  'proxy-authorization',
  'connection',
  'transfer-encoding',
  'content-length',
  'host',
  'x_forwarded_for',
  'sec-fetch-site',
  'x-csrf',
  'x-http-method-override',
])('no provider file can admit %s from a caller', (name) => {
  expect(sent([name, 'x'], { forwardRequestHeaders: new Set([name]) })).toEqual([ours]);
});

test('a header that the provider file names passes', () => {
  expect(sent(['Idempotency-Key', '1'], { forwardRequestHeaders: new Set(['idempotency-key']) })).toEqual([
    ['Idempotency-Key', '1'],
    ours,
  ]);
});

test('what Connection lists is dropped, ours arrive', () => {
  const raw = [
    'Connection',
    'close, authorization, X-Network , accept',
    'Accept',
    'a/b',
    'X-Network',
    'live',
    'Range',
    'x',
  ];
  expect(sent(raw, { headers: [['X-Network', 'test']] })).toEqual([['Range', 'x'], ['X-Network', 'test'], ours]);
});

test.each(['X-Network', 'x-network', 'X_Network', 'x_NETWORK'])(
  '%s of the caller gives way to the fixed X-Network',
  (name) => {
    const rules = { headers: [['X-Network', 'test']] as const, forwardRequestHeaders: new Set([name.toLowerCase()]) };
    expect(sent([name, 'live'], rules)).toEqual([['X-Network', 'test'], ours]);
  },
);

test('a fixed Accept replaces the caller’s', () => {
  expect(sent(['accept', 'a/b'], { headers: [['Accept', 'application/json']] })).toEqual([
    ['Accept', 'application/json'],
    ours,
  ]);
});

test('a fixed Authorization or Host is not sent: there is exactly one of each', () => {
  expect(
    sent([], {
      headers: [
        ['authorization', 'Basic x'],
        ['Host', 'h'],
        ['Transfer-Encoding', 'x'],
      ],
    }),
  ).toEqual([ours]);
});

test('of a header that has one value the first counts', () => {
  expect(sent(['Content-Type', 'a/b', 'content-type', 'c/d', 'Accept', '1', 'Accept', '2'])).toEqual([
    ['Content-Type', 'a/b'],
    ['Accept', '1'],
    ['Accept', '2'],
    ours,
  ]);
});
