import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { atPointer } from '../../src/json-pointer.js';
import type { ProviderFile } from '../../src/providers/schema.js';
import { providerOverrides } from '../../src/sandbox/provider-overrides.js';
import { startProviderWorld, type ProviderWorld } from './provider-world.js';

type Example = NonNullable<NonNullable<ProviderFile['api']>['examples']>[number];

const folder = new URL('../../src/providers/catalog/', import.meta.url);
const catalogue = readdirSync(folder).map((name) => parse(readFileSync(new URL(name, folder), 'utf8')) as ProviderFile);
const emulated = providerOverrides({ publicUrl: 'http://127.0.0.1', internalUrl: 'http://127.0.0.1' });
/** Those with an emulator of their own; the others' examples are called in test/pack. */
const here = new Set(['request-finance', 'invoiced', 'luca', 'luca-v2', 'financefeast']);
const cases = [...catalogue, ...emulated]
  .filter(({ id }) => here.has(id))
  .flatMap(({ id, api }) =>
    (api?.examples ?? []).map((example): [string, string, Example] => [id, nameOf(example), example]),
  );

const lookingUp = cases.filter(([, , { look_up: places }]) => places !== undefined);
const plain = cases.filter((each) => !lookingUp.includes(each));

function nameOf({ name }: Example): string {
  return typeof name === 'string' ? name : name.en;
}

let world: ProviderWorld;
beforeAll(async () => {
  world = await startProviderWorld();
});
afterAll(() => world.close());

test('each of them has examples', () => {
  expect(new Set(cases.map(([id]) => id))).toEqual(here);
});

test.each(plain)('%s, %s: the call answers rows, and each column has a value in them', async (id, _name, example) => {
  const browser = await world.connected(id);
  const { method = 'GET', path, body, rows: pointer = '', columns = [], next } = example;
  const json = body === undefined ? {} : { json: JSON.parse(body) as unknown };
  const target = `/proxy/${id}${path}`;
  const answer = method === 'POST' ? await browser.api.post(target, json) : await browser.api.get(target);
  expect(answer.status).toBe(200);
  const rows = atPointer(answer.json, pointer) as unknown[];
  expect(rows.length).toBeGreaterThan(0);
  for (const { path: column } of columns)
    expect([column, rows.map((row) => atPointer(row, column)).find((value) => value != null)]).toEqual([
      column,
      expect.anything(),
    ]);
  if (next?.page_info !== undefined) expect(atPointer(answer.json, next.page_info)).toHaveProperty('hasNextPage');
});

test('a call that begins with a look-up opens what that one names', async () => {
  const [id, , { path, accept, look_up: places = {} }] = lookingUp[0]!;
  expect(lookingUp).toHaveLength(1);
  const browser = await world.connected(id);
  const values = await Promise.all(
    Object.entries(places).map(async ([name, { path: first, value }]) => {
      const { json } = await browser.api.get(`/proxy/${id}${first}`);
      return [name, String(atPointer(json, value))] as const;
    }),
  );
  const filled = values.reduce((whole, [name, value]) => whole.replace(`{${name}}`, value), path);
  const answer = await browser.api.get(`/proxy/${id}${filled}`, accept === undefined ? {} : { accept });
  expect([answer.status, answer.headers['content-type']]).toEqual([200, accept]);
});

test('lists of a provider name what a person wants to see', () => {
  const columnsOf = (wanted: string, at: number) =>
    catalogue.find(({ id }) => id === wanted)?.api?.examples?.[at]?.columns?.map(({ path }) => path);
  expect(columnsOf('invoiced', 0)).toEqual(
    expect.arrayContaining(['/number', '/customer/name', '/total', '/date', '/status']),
  );
  expect(columnsOf('request-finance', 0)).toEqual(
    expect.arrayContaining(['/invoiceNumber', '/invoiceItems/0/unitPrice', '/invoiceItems/0/currency', '/status']),
  );
});
