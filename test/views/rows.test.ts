import { expect, test } from '@jest/globals';

type Row = Record<string, unknown>;
interface Rows {
  at: (value: unknown, pointer: string) => unknown;
  rowsOf: (answer: unknown, pointer?: string) => unknown[];
  flatten: (row: unknown) => Row;
  columnsOf: (rows: Row[]) => string[];
  textOf: (value: unknown) => string;
}

const script = new URL('../../views/assets/rows.js', import.meta.url).pathname;
const { at, rowsOf, flatten, columnsOf, textOf } = (await import(script)) as Rows;

test('a JSON pointer finds members, elements and escaped names, and nothing inherited', () => {
  expect(at({ 'a/b': [{ '~': 1 }] }, '/a~1b/0/~0')).toBe(1);
  expect(at({ a: 1 }, '')).toEqual({ a: 1 });
  expect(at({ a: 1 }, '/a/b')).toBeUndefined();
  expect(at({}, '/constructor')).toBeUndefined();
});

test('rows are found at the pointer, in the answer itself, or in its first list', () => {
  expect(rowsOf({ data: { nodes: [1, 2] } }, '/data/nodes')).toEqual([1, 2]);
  expect(rowsOf([1])).toEqual([1]);
  expect(rowsOf({ total: 1, items: [1] })).toEqual([1]);
  expect(rowsOf({ id: 1 })).toEqual([{ id: 1 }]);
  expect(rowsOf({ data: null }, '/data/nodes')).toEqual([]);
  expect(rowsOf('text')).toEqual([]);
});

test('objects are flattened one level, lists and deeper objects are left out', () => {
  expect(flatten({ id: 1, buyer: { name: 'Jo', address: { city: 'Oslo' } }, tags: ['a'], note: null })).toEqual({
    id: 1,
    note: null,
    'buyer.name': 'Jo',
  });
  expect(flatten('text')).toEqual({ value: 'text' });
});

test('columns are the union of the rows, at most eight, without those that hold nothing', () => {
  expect(columnsOf([{ id: 1, note: null }, { id: 2, status: 'open', 'buyer.name': 'Jo' }, { total: 3 }])).toEqual([
    'id',
    'status',
    'total',
    'buyer.name',
  ]);
  const wide = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`c${index}`, index]));
  expect(columnsOf([wide])).toHaveLength(8);
});

test('a time is shortened to the minute, other values stay as they are', () => {
  expect(textOf('2029-11-01T09:00:12.345Z')).toBe('2029-11-01 09:00');
  expect(textOf('INV-1')).toBe('INV-1');
  expect(textOf(false)).toBe('false');
});

test('columns of long values come last, so that the first look is readable', () => {
  expect(columnsOf([{ hash: 'x'.repeat(64), number: 'A-1', 'buyer.name': 'Jo' }])).toEqual([
    'number',
    'buyer.name',
    'hash',
  ]);
});
