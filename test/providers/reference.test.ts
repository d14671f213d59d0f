import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { jsonSchema, keysOf, meaningsIn } from '../../src/providers/json-schema.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const reference = read('docs/provider-file.md');

test('the published JSON Schema is the one of the definition (npm run schema)', () => {
  expect(JSON.parse(read('docs/provider-file.schema.json'))).toEqual(JSON.parse(JSON.stringify(jsonSchema(reference))));
});

test('the reference has a row for every key that can be written, and for no other', () => {
  const keys = [...keysOf(jsonSchema('')).keys()];
  expect([...meaningsIn(reference).keys()].sort()).toEqual(keys.sort());
  expect(keys.length).toBeGreaterThan(90);
});

test('every key of the schema says what it means', () => {
  for (const [path, { description }] of keysOf(jsonSchema(reference)))
    expect([path, description]).toEqual([path, expect.stringMatching(/\w/)]);
});
