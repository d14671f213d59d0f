import { customers, daysBefore, isoDate, sample, services } from '../state/sample-data.js';
import type { EmulatedExample } from './emulated-file.js';
import { put } from './json-place.js';

/** The answer to an example of the file: three made-up rows, with a value for each column. */
export function exampleAnswer({ rows, columns = [], path }: EmulatedExample, account: string, now: number): unknown {
  if (rows === undefined) return { ok: true };
  const { between, pick } = sample(`${account} ${path}`);
  const made = Array.from({ length: 3 }, (_, index) => {
    const customer = pick(customers);
    const date = daysBefore(now, 2 + index * 5);
    return columns.reduce<unknown>(
      (row, column) =>
        put(row, column.path, cell(column.path, column.format, { index, customer, date, between, pick })),
      {},
    );
  });
  return put(undefined, rows, made);
}

interface Making {
  readonly index: number;
  readonly customer: string;
  /** Seconds since the epoch. */
  readonly date: number;
  readonly between: (least: number, most: number) => number;
  readonly pick: <T>(from: readonly [T, ...T[]]) => T;
}

/** What kind of value a name asks for; the first that fits is taken. */
const kinds: readonly (readonly [RegExp, (making: Making) => unknown])[] = [
  [/e-?mail/, ({ customer }) => `accounts@${customer.toLowerCase().replace(/[^a-z]+/g, '-')}.example`],
  [/currency/, () => 'EUR'],
  [/country/, ({ pick }) => pick(['NO', 'GB', 'NL'])],
  [/city/, ({ pick }) => pick(['Bergen', 'Utrecht', 'Leeds'])],
  [/status|state/, ({ pick }) => pick(['open', 'paid', 'paid'])],
  [/total|amount|balance|price|due|value|net|gross/, ({ between }) => between(100, 9000)],
  [/description|title|subject|summary|label|service/, ({ pick }) => pick(services)[0]],
  [/number|docno|invoiceno|reference|code/, ({ index }) => `INV-${1001 + index}`],
  [/name|customer|contact|organi[sz]ation|company|recipient/, ({ customer }) => customer],
  [/paid|primary|active|private|bot/, ({ index }) => index === 0],
];

function cell(path: string, format: string | undefined, making: Making): unknown {
  if (format === 'date') return isoDate(making.date);
  if (format === 'minor_units') return making.between(100, 900_000);
  const name = (path.split('/').at(-1) ?? '').toLowerCase();
  const kind = kinds.find(([pattern]) => pattern.test(name));
  return kind ? kind[1](making) : `${name}-${making.index + 1}`;
}
