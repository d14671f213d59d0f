import { expect, test } from '@jest/globals';
import { routeRefusal } from '../../src/proxy/routes.js';

const allow = [
  { methods: ['GET'], path: '/invoices/**' },
  { methods: ['GET', 'POST'], path: '/me' },
  { methods: ['DELETE'], path: '/me' },
  { methods: ['PUT'], path: '/companies/*/name' },
  { methods: ['GET'], path: '/a/**/z' },
  { methods: ['GET'], path: '/søk' },
  { methods: ['GET', 'TRACE'], path: '/echo' },
];

test.each([
  ['GET', '/invoices'],
  ['GET', '/invoices/1'],
  ['GET', '/invoices/1/lines/2'],
  ['POST', '/me'],
  ['DELETE', '/me'],
  ['PUT', '/companies/7/name'],
  ['PUT', '/companies/a%20b/name'],
  ['GET', '/a/z'],
  ['GET', '/a/b/z/c/z'],
  ['GET', '/m%65'],
  ['GET', '/s%C3%B8k'],
  ['GET', '/invoices/.well-known'],
  ['GET', '/invoices/1:send'],
  ['GET', '/invoices/a%20b%20%E2%84%96%205'],
  ['GET', '/invoices/100%25'],
  ['GET', '/invoices/v1.2/'],
  ['GET', "/invoices/Lines(id='7')"],
])('%s %s is on the list', (method, path) => {
  expect(routeRefusal(allow, method, path)).toBeUndefined();
});

test.each([
  ['GET', '/'],
  ['GET', '/invoicesX'],
  ['GET', '/INVOICES/1'],
  ['GET', '/me/'],
  ['GET', '//me'],
  ['PUT', '/companies//name'],
  ['PUT', '/companies/7/8/name'],
  ['PUT', '/companies/7%2F8/name'],
  ['PUT', '/companies/7%5c8/name'],
  ['GET', '/invoices/%2f'],
  ['GET', '/m%2565'],
  ['GET', '/invoices/%ff'],
  ['GET', '/a/b/c'],
  ['GET', '/invoices/..%20/me'],
  ['GET', '/invoices/%20../me'],
  ['GET', '/invoices/...'],
  ['GET', '/invoices/..%2e'],
  ['GET', '/invoices/1.'],
  ['GET', '/invoices/1%20'],
  ['GET', '/invoices/1%2e%20'],
  ['GET', '/invoices/%EF%BC%8E%EF%BC%8E/me'],
  ['GET', '/invoices/%E2%80%A5/me'],
  ['GET', '/invoices/%E2%80%A4%E2%80%A4/me'],
  ['GET', '/invoices/a%EF%BC%8Fb'],
  ['GET', '/invoices/a%E2%88%95b'],
  ['GET', '/invoices/a%EF%BC%BCb'],
  ['GET', '/invoices/..%E2%80%8B/me'],
  ['GET', '/invoices/..%C2%A0/me'],
  ['GET', '/invoices/..%E3%80%80/me'],
  ['GET', '/invoices/..%C2%85/me'],
  ['GET', '/invoices/%09../me'],
  ['GET', '/invoices/1;v=2'],
  ['GET', '/invoices/1%3Bv=2'],
  ['GET', '/invoices/..;/me'],
  ['GET', '/invoices/%EF%BC%9Bv'],
  ['GET', '/invoices/%c0%ae%c0%ae/me'],
  ['GET', '/invoices/%e0%80%ae%e0%80%ae/me'],
  ['GET', '/invoices/a%252Fb'],
  ['GET', '/invoices/a%EF%BC%852Fb'],
  ['GET', '/invoices/a%3Fb'],
  ['GET', '/invoices/a%23b'],
])('%s %s is not', (method, path) => {
  expect(routeRefusal(allow, method, path)).toEqual({ code: 'route_not_allowed' });
});

test('a listed path with another method names the methods of all its rules', () => {
  expect(routeRefusal(allow, 'PUT', '/me')).toEqual({ code: 'method_not_allowed', allow: ['GET', 'POST', 'DELETE'] });
});

test('GET does not admit HEAD', () => {
  expect(routeRefusal(allow, 'HEAD', '/me')?.code).toBe('method_not_allowed');
});

test('without a list the usual methods are allowed, and others only where the file names them', () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    expect(routeRefusal(undefined, method, '/x%2f')).toBeUndefined();
  for (const method of ['TRACE', 'CONNECT', 'PURGE', 'QUERY', 'PROPFIND', 'BAN', 'LINK'])
    expect(routeRefusal(null, method, '/x')?.code).toBe('method_not_allowed');
  expect(routeRefusal([{ methods: ['QUERY'], path: '/x' }], 'QUERY', '/x')).toBeUndefined();
});

test('not even a list admits TRACE, nor names it', () => {
  expect(routeRefusal(allow, 'TRACE', '/echo')).toEqual({ code: 'method_not_allowed', allow: ['GET'] });
});

test('an empty list allows nothing', () => {
  expect(routeRefusal([], 'GET', '/')).toEqual({ code: 'route_not_allowed' });
});

test('many wildcards and a long path are matched quickly', () => {
  const rule = [{ methods: ['GET'], path: `${'/**/a'.repeat(30)}/b` }];
  const from = performance.now();
  expect(routeRefusal(rule, 'GET', '/a'.repeat(30_000))?.code).toBe('route_not_allowed');
  expect(performance.now() - from).toBeLessThan(20_000);
});
