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
])('%s %s is not', (method, path) => {
  expect(routeRefusal(allow, method, path)).toEqual({ code: 'route_not_allowed' });
});

test('a listed path with another method names the methods of all its rules', () => {
  expect(routeRefusal(allow, 'PUT', '/me')).toEqual({ code: 'method_not_allowed', allow: ['GET', 'POST', 'DELETE'] });
});

test('GET does not admit HEAD', () => {
  expect(routeRefusal(allow, 'HEAD', '/me')?.code).toBe('method_not_allowed');
});

test('without a list everything is allowed but TRACE and CONNECT', () => {
  expect(routeRefusal(undefined, 'PROPFIND', '/x%2f')).toBeUndefined();
  for (const method of ['TRACE', 'CONNECT']) expect(routeRefusal(null, method, '/x')?.code).toBe('method_not_allowed');
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
