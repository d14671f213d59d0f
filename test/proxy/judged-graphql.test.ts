import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from '../world/journey.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { startApp, type App } from '../world/app.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import type { Answer } from '../world/answer.js';

const rules = { allow: ['me', 'invoices'], max_depth: 4, max_fields: 12 };
const files: Record<string, Record<string, unknown>> = {
  whole: { graphql: rules },
  path: { graphql: { ...rules, path: '/graphql' } },
  beside: { graphql: { ...rules, path: '/graphql' }, allow: [{ methods: ['GET', 'POST'], path: '/**' }] },
  writing: { graphql: { operations: ['query', 'mutation'] }, max_body: '2kb' },
};

let server: MisbehavingServer;
let upstream: Upstream;
let directory: ProvidersDirectory;
let app: App;
let browser: Browser;
beforeAll(async () => {
  server = await startMisbehaving();
  upstream = await startUpstream();
  const texts: Record<string, string> = {};
  const env: Record<string, string> = {};
  for (const [id, api] of Object.entries(files)) {
    texts[id] = server.providerFile({ id, more: { api: { base_url: `${upstream.origin}/v1`, ...api } } });
    Object.assign(env, server.environment(id), { [`${id.toUpperCase()}_SHARED_CLIENT`]: 'true' });
  }
  directory = await createProvidersDirectory(texts);
  app = await startApp({ PROVIDERS_DIR: directory.path, ...env });
  browser = createBrowser(app.url);
  for (const id of Object.keys(files)) await connect(browser, id);
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await app.close();
  await Promise.all([server.close(), upstream.close(), directory.remove()]);
});

const outcome = ({ status, headers }: Answer) => `${status} ${String(headers['x-gatehouse-error'] ?? 'upstream')}`;
const ask = (query: unknown, more: object = {}, path = 'whole/graphql') =>
  browser.api.post(`/proxy/${path}`, { json: { query, ...more } });
const raw = (body: string | Buffer, headers: Record<string, string>, path = 'whole/graphql') =>
  browser.api.post(`/proxy/${path}`, { body, headers });

const json = { 'content-type': 'application/json' };

test('a call goes on as it was judged: three members, one document, nothing else', async () => {
  const query = '# a comment\nquery Q($id: ID!) { mine: me(id: $id) { name } }';
  const body = JSON.stringify({
    query,
    operationName: 'Q',
    variables: { id: 'ø' },
    extensions: { persistedQuery: { sha256Hash: 'x' } },
  });
  const doubled = `{"query":"mutation { pay }",${body.slice(1)}`;
  expect(outcome(await raw(doubled, { 'content-type': 'application/json; charset=UTF-8' }))).toBe('200 upstream');
  expect(upstream.last.headers['content-length']).toBe(String(upstream.last.body.length));
  expect(JSON.parse(upstream.last.body.toString())).toEqual({
    query: 'query Q($id: ID!) {\n  mine: me(id: $id) {\n    name\n  }\n}',
    operationName: 'Q',
    variables: { id: 'ø' },
  });
});

test.each([
  '{ me { name } }',
  'query { invoices { nodes { id } } me { name } }',
  'fragment F on Query { me { name } } { ...F ... on Query { invoices { id } } }',
  '{ a: me { id } b: me { id } c: me { id } d: me { id } e: me { id } f: me { id } }',
])('passes %s', async (query) => {
  expect(outcome(await ask(query))).toBe('200 upstream');
});

describe('refuses', () => {
  test.each([
    ['a mutation', 'mutation { me { name } }'],
    ['a subscription', 'subscription { me { name } }'],
    ['a field that is not listed', '{ payouts { id } }'],
    ['a field that is called like a listed one', '{ me: payouts { id } }'],
    ['a field in a fragment', 'fragment F on Query { payouts { id } } { me { name } ...F }'],
    [
      'a field in fragments within fragments',
      'fragment F on Query { ...G } fragment G on Query { payouts { id } } { ...F }',
    ],
    ['a field in an inline fragment', '{ ... on Query { ... { payouts { id } } } }'],
    ['a field that a directive leaves out', '{ me { name } payouts @skip(if: true) { id } }'],
    ['an operation beside the named one', 'query Q { me { name } } query R { payouts { id } }'],
    ['a mutation beside the named one', 'query Q { me { name } } mutation R { me { name } }'],
    ['introspection', '{ __schema { types { name } } }'],
    ['the name of the type', '{ __typename }'],
    ['more depth than is listed', '{ me { a { b { c { d } } } } }'],
    ['more depth by fragments', 'fragment F on A { b { c { d } } } { me { a { ...F } } }'],
    ['more fields than are listed', `{ me { ${Array.from({ length: 12 }, (_, at) => `f${at}`).join(' ')} } }`],
    ['more fields by fragments', 'fragment F on A { a b c d } { me { ...F } x: me { ...F } y: me { ...F } }'],
    [
      'fragments that multiply',
      'fragment A on X { ...B ...B ...B } fragment B on X { ...C ...C ...C } fragment C on X { a b } { me { ...A } }',
    ],
    ['a fragment that contains itself', 'fragment F on X { a ...F } { me { ...F } }'],
    ['fragments in a circle that nobody uses', 'fragment F on X { ...G } fragment G on X { ...F } { me { a } }'],
    ['a fragment that is not there', '{ me { ...F } }'],
    ['two fragments of one name', 'fragment F on X { a } fragment F on Query { payouts { id } } { me { ...F } }'],
    ['no operation', 'fragment F on X { a }'],
    ['a schema', 'type Query { me: ID } query { me { a } }'],
  ])('%s', async (_what, query) => {
    expect(outcome(await ask(query, { operationName: null }))).toBe('403 route_not_allowed');
    expect(upstream.requests).toEqual([]);
  });

  test.each<[string, () => Promise<Answer>]>([
    ['a document that cannot be read', () => ask('{ me { ')],
    ['a stored document', () => ask(undefined, { extensions: { persistedQuery: { version: 1 } } })],
    ['a document that nests without end', () => ask(`{ me ${'{ a '.repeat(9000)}${'}'.repeat(9001)}`)],
    ['a document of more words than any', () => ask(`{ me { ${'a '.repeat(30_000)} } }`)],
    ['a list of requests', () => raw('[{"query":"{ me { a } }"}]', json)],
    ['a body that is no JSON', () => raw('query=%7Bme%7D', json)],
    ['a form', () => raw('query=%7Bme%7D', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['a bare document', () => raw('{ me { a } }', { 'content-type': 'application/graphql' })],
    ['another charset', () => raw('{"query":"{ me { a } }"}', { 'content-type': 'application/json; charset=utf-7' })],
    ['bytes that are no UTF-8', () => raw(Buffer.from('{"query":"{ me { a } } #\xff"}', 'latin1'), json)],
    ['a compressed body', () => raw('{"query":"{ me { a } }"}', { ...json, 'content-encoding': 'gzip' })],
    ['variables that are no object', () => ask('{ me { a } }', { variables: [1] })],
    ['an operation name that is no text', () => ask('{ me { a } }', { operationName: 1 })],
    ['a number that would be rounded', () => raw('{"query":"{ me { a } }","variables":{"n":9007199254740993}}', json)],
    ['a query in the address', () => ask('{ me { a } }', {}, 'whole/graphql?query=%7Bpayouts%7D')],
    ['no body', () => raw('', json)],
  ])('%s as invalid', async (_what, call) => {
    expect(outcome(await call())).toBe('400 invalid_request');
    expect(upstream.requests).toEqual([]);
  });

  test('other methods, wherever they lead', async () => {
    for (const method of ['get', 'put', 'delete', 'patch'] as const)
      expect(outcome(await browser.api[method]('/proxy/whole/anything'))).toBe('405 method_not_allowed');
    expect(outcome(await browser.api.get('/proxy/path/graphql'))).toBe('405 method_not_allowed');
    expect(upstream.requests).toEqual([]);
  });
});

describe('with a path', () => {
  test('that path alone is open', async () => {
    expect(outcome(await ask('{ me { a } }', {}, 'path/graphql'))).toBe('200 upstream');
    expect(upstream.last.url).toBe('/v1/graphql');
    for (const path of ['', '/', '/graphql/', '/other', '/Graphql', '/graphql%2f', '/v2/../graphql'])
      expect(outcome(await ask('{ payouts { a } }', {}, `path${path}`))).toMatch(/^40[03] /);
    expect(upstream.requests).toHaveLength(1);
  });

  test('and what the file lists beside it, but nothing that a server could take for it', async () => {
    expect(outcome(await browser.api.get('/proxy/beside/rest/items?x=1'))).toBe('200 upstream');
    expect(outcome(await ask('{ me { a } }', {}, 'beside/graphql'))).toBe('200 upstream');
    upstream.reset();
    const spellings = ['/graphql/', '//graphql', '/GraphQL', '/graphql;x=1', '/%67raphql', '/graphql.', '/ｇraphql'];
    for (const path of spellings)
      expect([
        path,
        outcome(await ask('{ payouts { a } }', {}, `beside${encodeURI(path).replace('%25', '%')}`)),
      ]).toEqual([path, '403 route_not_allowed']);
    expect(upstream.requests).toEqual([]);
  });
});

test('a body is as large as the file allows', async () => {
  expect(outcome(await ask('mutation { pay }', {}, 'writing/graphql'))).toBe('200 upstream');
  const large = ask(`{ me(x: "${'x'.repeat(3000)}") }`, {}, 'writing/graphql');
  expect(outcome(await large)).toBe('413 body_too_large');
});
