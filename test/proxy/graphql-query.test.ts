import { expect, test } from '@jest/globals';
import { isQuery } from '../../src/proxy/graphql-query.js';

const json = (query: unknown): Buffer => Buffer.from(JSON.stringify({ query }));

test.each([
  '{ me { id } }',
  'query { me }',
  'query Mutation($mutation: ID = "mutation {") @a(b: {c: 1}) { mutation(id: $mutation) { subscription } }',
  '# mutation { x }\nquery { me } fragment F on T { id }',
  'query { a(text: """ mutation { \\""" } """) }',
])('reads: %s', (query) => {
  expect(isQuery(json(query), {})).toBe(true);
});

test.each([
  'mutation { pay }',
  'query A { me } mutation B { pay }',
  '{ me } # }\nmutation { pay }',
  'query { a(text: "#") } mutation { pay }',
  'query { a(text: "\\"") } mutation { pay }',
  'query { a(text: """#""") }, mutation { pay }',
  'subscription { ticks }',
  'query { a(text: "unclosed) }',
  'query { a { }',
  '',
  7,
])('does not, or may not: %s', (query) => {
  expect(isQuery(json(query), {})).toBe(false);
});

test('of several operations all must read; what is no document is taken for a change', () => {
  const all = (...queries: unknown[]): Buffer => Buffer.from(JSON.stringify(queries));
  expect(isQuery(all({ query: '{a}' }, { query: 'query {b}' }), {})).toBe(true);
  expect(isQuery(all({ query: '{a}' }, { query: 'mutation {b}' }), {})).toBe(false);
  for (const body of ['[]', '{}', 'null', '"{a}"', '{a}', '{"extensions":{"persistedQuery":{}}}'])
    expect(isQuery(Buffer.from(body), {})).toBe(false);
  expect(isQuery(null, {})).toBe(false);
  expect(isQuery(json('{a}'), { 'content-encoding': 'gzip' })).toBe(false);
  expect(isQuery(Buffer.from('{ a }'), { 'content-type': 'application/graphql; charset=utf-8' })).toBe(true);
  expect(isQuery(Buffer.from('mutation { a }'), { 'content-type': 'application/graphql' })).toBe(false);
});

test('64 KiB of anything are judged quickly', () => {
  for (const part of ['"', '"""', '#', '{', 'mutation', '\\', '""""'])
    isQuery(json(part.repeat(Math.floor(65_000 / part.length))), {});
});
