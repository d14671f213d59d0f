import { expect, test } from '@jest/globals';

interface Column {
  path: string;
  title?: string | { en: string; nb?: string };
  format?: string;
}
interface Cell {
  text: string;
  number: boolean;
  title?: string;
}
interface Rows {
  at: (value: unknown, pointer: string) => unknown;
  rowsOf: (answer: unknown, pointer?: string) => unknown[];
  parseExactly: (text: string) => unknown;
  tableOf: (
    rows: unknown[],
    wanted: Column[] | undefined,
    language: string,
  ) => { columns: { label: string; number: boolean }[]; cells: (from: number, to: number) => Cell[][]; count: number };
  textOf: (value: unknown) => string;
}

const script = new URL('../../views/assets/rows.js', import.meta.url).pathname;
const { at, rowsOf, parseExactly, tableOf, textOf } = (await import(script)) as Rows;
const labels = (rows: unknown[], wanted?: Column[]) => tableOf(rows, wanted, 'en').columns.map(({ label }) => label);
const texts = (rows: unknown[], wanted?: Column[]) =>
  tableOf(rows, wanted, 'en')
    .cells(0, rows.length)
    .map((cells) => cells.map(({ text }) => text));

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
  expect(rowsOf({ data: { invoices: { nodes: [1] } } })).toEqual([1]);
  expect(rowsOf({ id: 1 })).toEqual([{ id: 1 }]);
  expect(rowsOf({ data: null }, '/data/nodes')).toEqual([]);
  expect(rowsOf('text')).toEqual([]);
});

test('the columns that a provider file names are shown in its order, with its titles in the language of the page', () => {
  const wanted = [{ path: '/total', title: { en: 'Total', nb: 'Sum' } }, { path: '/buyer/name' }];
  const rows = [{ id: 1, total: 5, buyer: { name: 'Jo' } }, { id: 2 }];
  expect(labels(rows, wanted)).toEqual(['Total', 'buyer.name']);
  expect(tableOf(rows, wanted, 'nb').columns[0]?.label).toBe('Sum');
  expect(texts(rows, wanted)).toEqual([
    ['5', 'Jo'],
    ['–', '–'],
  ]);
});

test('dates and amounts in hundredths are written as a person reads them, and the value itself is kept beside', () => {
  const wanted = [
    { path: '/at', format: 'date' },
    { path: '/cents', format: 'minor_units' },
  ];
  const rows = [
    { at: 1_893_456_000, cents: 12_345 },
    { at: 1_893_456_000_000, cents: '5' },
    { at: '2030-01-01T10:00:00Z', cents: 'none' },
  ];
  expect(texts(rows, wanted)).toEqual([
    ['2030-01-01', '123.45'],
    ['2030-01-01', '0.05'],
    ['2030-01-01', 'none'],
  ]);
  expect(tableOf(rows, wanted, 'en').cells(0, 1)[0]?.[0]?.title).toBe('1893456000');
});

test('without a list of columns those come first that a person looks for, and what tells nothing is left out', () => {
  const row = (id: number) => ({
    ...{ id, object: 'invoice', paid: id > 1, hash: `${id}${'x'.repeat(64)}`, note: null, customer: id + 100 },
    ...{ number: `INV-${id}`, date: 1_893_456_000 + id * 86_400, status: id > 1 ? 'paid' : 'sent', total: id * 100 },
    buyer: { email: `${id}@example.org`, address: { city: 'Oslo' } },
    items: [1, 2],
  });
  const rows = [row(1), row(2), row(3)];
  expect(labels(rows)).toEqual(['number', 'date', 'customer', 'buyer.email', 'status', 'total', 'id', 'paid', 'hash']);
  expect(texts(rows)[0]?.slice(0, 2)).toEqual(['INV-1', '2030-01-02']);
  const wide = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`c${index}`, index]));
  expect(labels([wide])).toHaveLength(9);
});

test('rows that are no objects have one column', () => {
  expect(labels(['a', 'b'])).toEqual(['value']);
  expect(texts(['a', 'b'])).toEqual([['a'], ['b']]);
});

test('a time is shortened to the minute, other values stay as they are', () => {
  expect(textOf('2029-11-01T09:00:12.345Z')).toBe('2029-11-01 09:00');
  expect(textOf('2029-11-01T00:00:00Z')).toBe('2029-11-01');
  expect(textOf('INV-1')).toBe('INV-1');
  expect(textOf(false)).toBe('false');
});

test('parts of many rows can be had one after the other', () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => ({ number: index }));
  const table = tableOf(rows, undefined, 'en');
  expect(table.count).toBe(10_000);
  expect(table.cells(9_998, 20_000).map(([cell]) => cell?.text)).toEqual(['9998', '9999']);
});

test('whole numbers that JavaScript cannot hold keep their digits, where the engine tells them', () => {
  const known = '{"a":1,"b":1.5,"c":"x"}';
  expect(parseExactly(known)).toEqual({ a: 1, b: 1.5, c: 'x' });
  expect(() => parseExactly('{"a":12345678901234567890')).toThrow(SyntaxError);
});

test('amounts stand to the right, also where they are written as text; other digits do not', () => {
  const rows = [
    { unitPrice: '120000', total: '1 200.50', number: '00123', zip: '0150', id: 7, note: '12 pieces', balance: '' },
    { unitPrice: '5', total: '-3,20', number: '00124', zip: '0151', id: 8, note: '13', balance: null },
  ];
  const wanted = Object.keys(rows[0]!).map((name) => ({ path: `/${name}` }));
  const numbers = (columns: Column[]) =>
    tableOf(rows, columns, 'en').columns.flatMap(({ label, number }) => (number ? label : []));
  expect(numbers(wanted)).toEqual(['unitPrice', 'total']);
  expect(numbers([{ path: '/zip', format: 'minor_units' }])).toEqual(['zip']);
  const [cells = []] = tableOf(rows, [{ path: '/total' }], 'en').cells(0, 1);
  expect(cells).toMatchObject([{ text: '1 200.50', number: true }]);
});

test('the work for long names of members grows with their length alone', () => {
  const workOf = (length: number) => {
    const rows = ['total', 'open_', '_', 'dateAt'].map((part) => ({
      [part.repeat(length / part.length) + '!']: '1',
      id: 1,
    }));
    const began = performance.now();
    tableOf(rows, undefined, 'en');
    parseExactly(JSON.stringify(rows).replace('"1"', '9'.repeat(length)));
    return performance.now() - began;
  };
  workOf(1_000);
  expect(workOf(400_000)).toBeLessThan(3_000);
});
