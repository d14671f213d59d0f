import { expect, test } from '@jest/globals';
import fc from 'fast-check';

interface Call {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
  wrong?: string;
}
interface Calls {
  callOf: (fields: Record<string, string>) => Call;
  fieldsOf: (example: Record<string, string>, graphql: boolean) => Record<string, string>;
  curlOf: (call: Call, place: { address: string; cookie: string }) => string;
  fetchOf: (call: Call, place: { proxy: string }) => string;
}

const folder = new URL('../../views/assets/', import.meta.url).pathname;
const { callOf, fieldsOf, curlOf, fetchOf } = (await import(`${folder}calls.js`)) as Calls;
const { indent } = (await import(`${folder}pretty.js`)) as { indent: (text: string) => string };
const place = { address: 'https://app.test/proxy/acme', cookie: '__Host-gatehouse' };

test('what a person types becomes a call: query and headers a line each, JSON unless said otherwise', () => {
  const call = callOf({
    method: 'POST',
    path: '/invoices',
    query: 'take=25\nname=Ål & Co',
    headers: 'Idempotency-Key: k-1\ncontent-type: text/csv',
    body: 'a;b',
  });
  expect(call.path).toBe('/invoices?take=25&name=%C3%85l%20%26%20Co');
  expect(call.headers).toEqual({
    accept: 'application/json, */*;q=0.5',
    'content-type': 'text/csv',
    'idempotency-key': 'k-1',
  });
  expect(call.body).toBe('a;b');
});

test.each([
  [{ path: 'invoices' }, 'badPath'],
  [{ path: '//evil.test/' }, 'badPath'],
  [{ path: '/\\evil.test/' }, 'badPath'],
  [{ path: '/../../logout' }, 'badPath'],
  [{ path: '/invoices/%2e%2E/.%2e/luca/x' }, 'badPath'],
  [{ path: '/../a/x' }, 'badPath'],
  [{ path: '/x', headers: 'no colon' }, 'badHeader'],
  [{ path: '/x', graphql: '{ a }', variables: '[1]' }, 'badVariables'],
  [{ path: '/x', graphql: '{ a }', variables: '{' }, 'badVariables'],
])('%j is refused as %s', (fields, wrong) => {
  expect(callOf({ method: 'POST', ...fields }).wrong).toBe(wrong);
});

test('a GraphQL query is sent with its variables, and an example of it is taken apart again', () => {
  const call = callOf({ method: 'POST', path: '/graphql', graphql: '{ a }', variables: '{"first": 2}' });
  expect(call.body).toBe('{"query":"{ a }","variables":{"first":2}}');
  expect(fieldsOf({ method: 'POST', path: '/graphql', body: call.body ?? '' }, true)).toMatchObject({
    graphql: '{ a }',
    variables: '{\n  "first": 2\n}',
  });
});

test('an example is taken apart into the fields of the form', () => {
  expect(fieldsOf({ method: 'GET', path: '/data?ticker=air.nz&from=2030' }, false)).toEqual({
    ...{ method: 'GET', path: '/data', query: 'ticker=air.nz\nfrom=2030', headers: '', body: '' },
  });
});

test('the code to copy holds a place for the cookie and no cookie', () => {
  const call = callOf({ method: 'GET', path: '/invoices' });
  expect(curlOf(call, place)).toContain('--cookie "__Host-gatehouse=$SESSION_COOKIE"');
  expect(curlOf(call, place)).toContain("-H 'X-CSRF: 1'");
  expect(fetchOf(call, { proxy: '/proxy/acme' })).toContain("fetch('/proxy/acme/invoices'");
});

test('whatever is typed stays one word of the shell', () => {
  fc.assert(
    fc.property(fc.string(), (body) => {
      const call = { method: 'POST', path: '/x', headers: {}, body };
      const code = curlOf(call, place);
      const word = code.slice(code.indexOf('--data-raw ') + '--data-raw '.length);
      // Outside of quotation marks a shell would see nothing but the escaped quotation marks of the text itself.
      expect(word.replaceAll(String.raw`'\''`, '')).toMatch(/^'[^']*'$/s);
      expect(word.slice(1, -1).replaceAll(String.raw`'\''`, "'")).toBe(body);
    }),
  );
});

test('the code for a page is JavaScript that makes the same call, whatever is typed', async () => {
  const AsyncFunction = (async () => Promise.resolve()).constructor as new (
    ...names: string[]
  ) => (fetch: unknown) => unknown;
  const made = async (call: Call) => {
    let seen: unknown;
    const fetch = (address: string, options: unknown) => (seen = { address, options });
    await new AsyncFunction('fetch', fetchOf(call, { proxy: '/proxy/acme' }))(fetch);
    return seen;
  };
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), async (value, body) => {
      const call = { method: 'PUT', path: `/${encodeURIComponent(value)}`, headers: { 'x-some': value }, body };
      const options = { method: 'PUT', headers: { 'X-CSRF': '1', 'x-some': value } };
      const json = isJson(body) ? JSON.stringify(JSON.parse(body)) : body;
      expect(await made(call)).toEqual({ address: `/proxy/acme${call.path}`, options: { ...options, body: json } });
    }),
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('indented JSON says the same, and keeps every digit', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      expect(JSON.parse(indent(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value))),
    ),
  );
  expect(indent('{"a":12345678901234567890,"b":[],"c":{"d":1.10}}')).toBe(
    '{\n  "a": 12345678901234567890,\n  "b": [],\n  "c": {\n    "d": 1.10\n  }\n}',
  );
});
