/* Makes a table's columns and cells out of a JSON answer. Knows nothing of the page; the server uses it, too. */

const maxColumns = 9;
const maxLength = 40;
/** Characters of a member's name that are looked at. */
const maxName = 64;
/** Rows that are looked at to choose the columns. */
const looked = 200;

/** @import { Cell, Column, ExampleColumn, Table } from '../types.js' */

/**
 * The value at a JSON pointer (RFC 6901); undefined where there is none.
 * @param {unknown} value
 * @param {string} pointer
 */
export function at(value, pointer) {
  if (pointer === '') return value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((inner, part) => (isContainer(inner) && Object.hasOwn(inner, part) ? inner[part] : undefined), value);
}

/**
 * The rows of an answer: at the pointer, else the answer itself, else its first list, looked for three levels deep.
 * @param {unknown} answer
 * @param {string | undefined} pointer
 * @returns {unknown[]}
 */
export function rowsOf(answer, pointer) {
  if (pointer !== undefined) {
    const found = at(answer, pointer);
    if (Array.isArray(found)) return found;
    return isContainer(found) ? [found] : [];
  }
  if (!isContainer(answer)) return [];
  return firstList(answer, 3) ?? [answer];
}

/**
 * @param {unknown} value
 * @param {number} depth
 * @returns {unknown[] | undefined}
 */
function firstList(value, depth) {
  if (Array.isArray(value)) return value;
  if (depth === 0 || !isContainer(value)) return undefined;
  const members = Object.values(value);
  return (
    members.find((member) => Array.isArray(member)) ?? members.map((inner) => firstList(inner, depth - 1)).find(Boolean)
  );
}

/**
 * JSON whose whole numbers are kept as they are written, also those that JavaScript cannot hold.
 * @param {string} text
 * @returns {unknown}
 */
export function parseExactly(text) {
  const value = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  // Only valid JSON is searched, so that the work grows with the length alone.
  return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, quoteLargeNumber));
}

/** @param {string} token */
function quoteLargeNumber(token) {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
}

/**
 * A table of the rows: the wanted columns (`{path, title, format}`, path a JSON pointer) or those that a person would look for
 * first, and the cells of any part of the rows as text.
 * @param {unknown[]} rows
 * @param {readonly ExampleColumn[] | undefined} wanted
 * @param {string} language
 * @returns {Table}
 */
export function tableOf(rows, wanted, language) {
  const sample = rows.slice(0, looked);
  const columns = (wanted ?? chosenColumns(sample)).map(({ path, title, format }) => {
    const label = localized(title, language) ?? labelOf(path);
    const column = { path, label, format: format ?? guessedFormat(path, sample) };
    return { ...column, number: isNumeric(column, sample) };
  });
  /** @type {Table['cells']} */
  const cells = (from, to) =>
    rows.slice(from, to).map((row) =>
      columns.map(({ path, format, number }) => ({
        ...cellOf(at(row, path), format),
        ...(number ? { number } : {}),
      })),
    );
  return { columns, cells, count: rows.length };
}

/**
 * Whether a column is set to the right: numbers, and amounts, which many write as text so that no digit is lost.
 * @param {Omit<Column, 'number'>} column
 * @param {unknown[]} sample
 */
function isNumeric({ path, format }, sample) {
  if (format === 'date' || /(^|\/|_)id$/i.test(path)) return false;
  const values = sample
    .map((row) => at(row, path))
    .filter((value) => value !== undefined && value !== null && value !== '');
  if (values.some((value) => typeof value === 'number')) return true;
  const isAmount = format === 'minor_units' || isAmountName(path.split('/').at(-1) ?? '');
  return isAmount && values.length > 0 && values.every((value) => /^[+-]?\d[\d ]*([.,]\d+)?$/.test(String(value)));
}

/**
 * A value as a cell shows it; `title` is the whole of it where the text is not.
 * @param {unknown} value
 * @param {Column['format']} [format]
 * @returns {Cell}
 */
export function cellOf(value, format) {
  if (value === undefined || value === null || value === '') return { text: '–', number: false };
  const whole = isContainer(value) ? JSON.stringify(value) : String(value);
  const text = isContainer(value) ? summary(value) : formatted(value, format);
  const short = text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
  const number = typeof value === 'number' && format !== 'date';
  return { text: short, number, ...(short === whole ? {} : { title: whole.slice(0, 500) }) };
}

/**
 * @param {unknown} value
 * @param {Column['format'] | undefined} format
 */
function formatted(value, format) {
  if (format === 'date') return dateText(value);
  if (format === 'minor_units' && Number.isFinite(Number(value))) return (Number(value) / 100).toFixed(2);
  return textOf(value);
}

/**
 * A scalar as text; of a time (RFC 3339) only the date, the hour and the minute.
 * @param {unknown} value
 */
export function textOf(value) {
  const [, date, time] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(String(value)) ?? [];
  if (date === undefined) return String(value);
  return time === '00:00' ? date : `${date} ${time}`;
}

/**
 * A day; seconds and milliseconds since the epoch are told apart by their size.
 * @param {unknown} value
 */
function dateText(value) {
  if (typeof value === 'string' && !/^\d+$/.test(value)) return textOf(value).slice(0, 10);
  const seconds = Number(value) > 1e11 ? Number(value) / 1000 : Number(value);
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(value) : date.toISOString().slice(0, 10);
}

/** @param {object} value */
function summary(value) {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.every((each) => !isContainer(each)) ? value.join(', ') : `[${value.length}]`;
}

const dateName = /(^|_|\/)(date|due|created|updated|timestamp|expires)(_?(at|date|on))?$|(Date|At)$/;

/**
 * @param {string} path
 * @param {unknown[]} sample
 * @returns {Column['format']}
 */
function guessedFormat(path, sample) {
  const values = sample.map((row) => at(row, path)).filter((value) => value !== null && value !== undefined);
  /** @param {unknown} value */
  const isSeconds = (value) => typeof value === 'number' && value > 3e8 && value < 2e13;
  return dateName.test(path.slice(-maxName)) && values.length > 0 && values.every(isSeconds) ? 'date' : 'text';
}

/** Names of members that hold amounts. */
const amounts = /(total|amount|balance|price|cost|sum|tax|quantity|open|high|low|close|volume)/i;

/**
 * Whether a member's last word is an amount; of a long name only its end counts, so that the work stays the same.
 * @param {string} name
 */
function isAmountName(name) {
  return amounts.test(/\w*$/.exec(name.slice(-maxName))?.[0] ?? '');
}

/* What a person looks for first, in this order, by the last word of a member's name. */
const order = [
  /^(\w*number|no|code|reference|ticker|symbol|name|title|\w*Name|label|description)$/,
  /^(date|\w*date|\w*Date|\w*At|\w*_at|timestamp|due)$/,
  /^(customer|client|buyer|seller|vendor|company\w*|email|contact)$/,
  /^(status|state|role|type|kind)$/,
  /^(total\w*|amount\w*|balance\w*|price\w*|sum|quantity|open|high|low|close|volume|currency)$/,
];

/**
 * Columns where the provider file names none: scalar members, an object's members one level deep, without those that hold
 * nothing or the same in every row. Identifiers, hashes and flags come last.
 * @param {unknown[]} sample
 * @returns {ExampleColumn[]}
 */
export function chosenColumns(sample) {
  /** @type {Map<string, unknown[]>} */
  const values = new Map();
  for (const row of sample)
    for (const [path, value] of scalars(row)) values.set(path, [...(values.get(path) ?? []), value]);
  const columns = [...values].filter(([, found]) => found.some((value) => value !== null && value !== ''));
  const telling = columns.filter(([, found]) => found.length < sample.length || new Set(found).size > 1);
  const kept = sample.length > 2 && telling.length > 2 ? telling : columns;
  return kept
    .map(([path, found]) => ({ path, place: placeOf(path, found) }))
    .sort((one, other) => one.place - other.place)
    .slice(0, maxColumns)
    .map(({ path }) => ({ path }));
}

/**
 * @param {string} path
 * @param {unknown[]} found
 */
function placeOf(path, found) {
  const parts = path.split('/').slice(1);
  const name = (parts.at(-1) ?? '').slice(0, maxName);
  const known = order.findIndex((words) => words.test(name));
  const longest = Math.max(...found.map((value) => String(value ?? '').length));
  const hidden = longest > maxLength || found.every((value) => typeof value === 'boolean') || /id$/i.test(name);
  return (known === -1 ? order.length : known) + (parts.length > 1 ? 0.5 : 0) + (hidden ? 10 : 0);
}

/**
 * @param {unknown} row
 * @returns {[path: string, value: unknown][]}
 */
function scalars(row) {
  if (!isContainer(row) || Array.isArray(row)) return [['', row]];
  return Object.entries(row).flatMap(([name, value]) => {
    const path = `/${escaped(name)}`;
    if (!isContainer(value)) return [[path, value]];
    if (Array.isArray(value)) return [];
    const inner = Object.entries(value).filter(([, member]) => !isContainer(member));
    return inner.map(([member, scalar]) => /** @type {[string, unknown]} */ ([`${path}/${escaped(member)}`, scalar]));
  });
}

/** @param {string} path */
function labelOf(path) {
  return path === '' ? 'value' : path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
}

/**
 * @param {ExampleColumn['title']} title
 * @param {string} language
 */
function localized(title, language) {
  if (title === undefined || typeof title === 'string') return title;
  return (language === 'nb' ? title.nb : undefined) ?? title.en;
}

/** @param {string} name */
function escaped(name) {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isContainer(value) {
  return typeof value === 'object' && value !== null;
}
