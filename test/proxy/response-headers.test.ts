import { expect, test } from '@jest/globals';
import { responseHeaders, type ResponseHeaderRules } from '../../src/proxy/response-headers.js';

const rules: ResponseHeaderRules = {
  baseUrl: new URL('https://api.acme.test/v1'),
  publicPrefix: '/base/proxy/acme',
  path: '/v1/invoices?page=1',
  redirectHosts: ['files.acme.test', 'files.acme.test:8443'],
  cache: 'no-store',
};

/** The answer's headers but those that we always add. */
function seen(raw: string[], changes: Partial<ResponseHeaderRules> = {}, status = 200): string[] {
  const flat = responseHeaders(raw, status, { ...rules, ...changes });
  return flat.slice(0, flat.indexOf('X-Content-Type-Options'));
}

const noStore = ['Cache-Control', 'no-store'];

test('every answer gets our policies once, whatever the upstream says', () => {
  const theirs = [
    'Content-Security-Policy',
    'default-src *',
    'x-content-type-options',
    'off',
    'Referrer-Policy',
    'unsafe-url',
  ];
  const extra = ['Vary', 'Origin', 'X-Request-Id', 'r'];
  expect(responseHeaders(theirs, 200, { ...rules, extraResponseHeaders: extra })).toEqual([
    ...noStore,
    'X-Content-Type-Options',
    'nosniff',
    'Content-Security-Policy',
    "sandbox; default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy',
    'same-origin',
    'Cross-Origin-Resource-Policy',
    'same-origin',
    'Vary',
    'Origin',
    'X-Request-Id',
    'r',
  ]);
});

test.each([
  'Set-Cookie',
  'SET-COOKIE',
  'Set-Cookie2',
  'Strict-Transport-Security',
  'Clear-Site-Data',
  'Access-Control-Allow-Origin',
  'Access-Control-Allow-Credentials',
  'Service-Worker-Allowed',
  'Alt-Svc',
  'NEL',
  'Report-To',
  'Reporting-Endpoints',
  'Refresh',
  'WWW-Authenticate',
  'Proxy-Authenticate',
  'Public-Key-Pins',
  'X-Gatehouse-Error',
  'x_gatehouse_error',
  'X_GateHouse-Error',
  'Set_Cookie',
  'Content_Security_Policy',
  'Connection',
  'Keep-Alive',
  'TE',
  'Trailer',
  'Transfer_Encoding',
  'Content_Length',
  'Upgrade',
  'Content-Security-Policy-Report-Only',
  'X-Frame-Options',
  'Cross-Origin-Opener-Policy',
  'Permissions-Policy',
  'SourceMap',
  'Speculation-Rules',
  'Set-Login',
  'IdP-SignIn-Status',
  'CDN-Cache-Control',
  'Cloudflare-CDN-Cache-Control',
  'Vercel-CDN-Cache-Control',
  'X-LiteSpeed-Cache-Control',
  'Edge-Control',
  'Origin-Agent-Cluster',
  'X-Accel-Redirect',
  'X-Sendfile',
  'X-LiteSpeed-Location',
  'Expires',
  'Pragma',
])('%s of the upstream is dropped', (name) => {
  expect(seen([name, 'x'])).toEqual(noStore);
});

test('what Connection lists is dropped', () => {
  expect(seen(['Connection', 'X-Hop, close', 'X-Hop', '1', 'X-End', '2'])).toEqual(['X-End', '2', ...noStore]);
});

test('everything else passes in order, repeated headers and Latin-1 bytes included', () => {
  const raw = [
    'etag',
    'W/"1"',
    'Warning',
    '1',
    'Warning',
    '2',
    'X-Næme'.slice(0, 3) + 'a',
    'bl\xe5',
    'Content-Length',
    '3',
    'Vary',
    'Accept',
  ];
  expect(seen(raw)).toEqual([...raw, ...noStore]);
});

test.each(['X-Request-Id', 'x-request-id', 'X_Request_ID'])('%s of the upstream goes on under another name', (name) => {
  const flat = responseHeaders([name, 'theirs'], 200, { ...rules, extraResponseHeaders: ['X-Request-Id', 'ours'] });
  expect(flat.slice(0, 2)).toEqual(['X-Upstream-Request-Id', 'theirs']);
  expect(flat.slice(-2)).toEqual(['X-Request-Id', 'ours']);
});

test('a 204 has no length', () => {
  expect(seen(['Content-Length', '0'], {}, 204)).toEqual(noStore);
});

test.each([
  ['https://api.acme.test/v1/invoices/7?a=%2F#x', '/base/proxy/acme/invoices/7?a=%2F#x'],
  ['https://API.acme.test:443/v1', '/base/proxy/acme'],
  ['//api.acme.test/v1/x', '/base/proxy/acme/x'],
  ['/v1/x%2Fy', '/base/proxy/acme/x%2Fy'],
  ['7', '/base/proxy/acme/7'],
  ['?page=2', '/base/proxy/acme/invoices?page=2'],
  ['/v1/s\xc3\xb8k', '/base/proxy/acme/s%C3%B8k'],
  ['https://files.acme.test/a?sig=1', 'https://files.acme.test/a?sig=1'],
  ['https://files.acme.test:8443/a', 'https://files.acme.test:8443/a'],
])('Location %s becomes %s', (value, expected) => {
  expect(seen(['Location', value], {}, 302)).toEqual(['Location', expected, ...noStore]);
  expect(seen(['content-location', value])).toEqual(['content-location', expected, ...noStore]);
});

test.each([
  'https://evil.test/',
  'https://api.acme.test/admin',
  'https://api.acme.test/v1x',
  'https://api.acme.test/v1/../admin',
  'https://api.acme.test/v1/%2e%2e/admin',
  'http://api.acme.test/v1/x',
  'https://api.acme.test:8443/v1/x',
  'https://api.acme.test@evil.test/v1',
  'https://files.acme.test.evil.test/',
  'https://files.acme.test:9/',
  'http://files.acme.test/a',
  'https://u:p@files.acme.test/a',
  '../admin',
  '/login',
  '//evil.test/v1',
  '\\\\evil.test',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://',
])('Location %s is removed', (value) => {
  expect(seen(['Location', value], {}, 302)).toEqual(noStore);
});

test('a base at the root of its host and a public prefix that is a whole address work alike', () => {
  const changes = {
    baseUrl: new URL('https://api.acme.test'),
    path: '/a/b',
    publicPrefix: 'https://app.test/proxy/acme',
  };
  expect(seen(['Location', '/x'], changes)).toEqual(['Location', 'https://app.test/proxy/acme/x', ...noStore]);
  expect(seen(['Location', 'c'], changes)).toEqual(['Location', 'https://app.test/proxy/acme/a/c', ...noStore]);
});

test('links inside the base lead through the proxy, others stay whole', () => {
  const value =
    '<https://api.acme.test/v1/invoices?page=2>; rel="next"; title="a, <b>;", </login>;rel=help, <?page=9>; rel=last';
  expect(seen(['Link', value])).toEqual([
    'Link',
    '</base/proxy/acme/invoices?page=2>; rel="next"; title="a, <b>;", <https://api.acme.test/login>;rel=help, </base/proxy/acme/invoices?page=9>; rel=last',
    ...noStore,
  ]);
});

test.each([
  '</v1/s.css>; rel=preload; as=style',
  '<https://evil.test>; rel="next PRECONNECT"',
  '<https://evil.test>; REL = "dns-prefetch"',
  '<javascript:alert(1)>; rel=next',
  'no link at all',
  '</v1/x',
])('the link %s is dropped', (value) => {
  expect(seen(['Link', value])).toEqual(noStore);
});

test('a quotation mark in a quoted string does not end it', () => {
  const value = '<https://api.acme.test/v1/a>; title="a\\", <https://evil.test>; x=\\"b"; rel=next';
  expect(seen(['Link', value])).toEqual([
    'Link',
    value.replace('https://api.acme.test/v1', '/base/proxy/acme'),
    ...noStore,
  ]);
});

test('several Link headers stay several', () => {
  expect(seen(['Link', '</v1/a>; rel=next', 'Link', '</v1/b>; rel=prev'])).toEqual([
    'Link',
    '</base/proxy/acme/a>; rel=next',
    'Link',
    '</base/proxy/acme/b>; rel=prev',
    ...noStore,
  ]);
});

test.each([
  ['public, max-age=60, s-maxage=600, Must-Revalidate', 'private, max-age=60, must-revalidate'],
  ['no-store, max-age=60', 'no-store'],
  ['private="a, b", no-cache="x", immutable', 'private, no-cache, immutable'],
  ['', 'private'],
])('with `private` the answer %j may be kept as %j, for this cookie alone', (theirs, expected) => {
  const raw = ['Vary', 'Accept', 'Age', '3', ...(theirs === '' ? [] : ['Cache-Control', theirs])];
  expect(seen(raw, { cache: 'private' })).toEqual([
    'Vary',
    'Accept',
    'Age',
    '3',
    'Cache-Control',
    expected,
    'Vary',
    'Cookie, X-CSRF, Sec-Fetch-Dest',
  ]);
});

test('without `private` nothing is kept, whatever the upstream says', () => {
  expect(seen(['Cache-Control', 'public, max-age=600', 'Cache-Control', 'immutable'])).toEqual(noStore);
});
