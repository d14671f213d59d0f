/* Makes a table's columns and cells out of a JSON answer. Knows nothing of the page; the server uses it, too. */

const maxColumns = 9;
const maxLength = 40;
/** Characters of a member's name that are looked at. */
const maxName = 64;
/** Rows that are looked at to choose the columns. */
const looked = 200;

/** The value at a JSON pointer (RFC 6901); undefined where there is none. */
export function at(value, pointer) {
  if (pointer === '') return value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((inner, part) => (isContainer(inner) && Object.hasOwn(inner, part) ? inner[part] : undefined), value);
}

/** The rows of an answer: at the pointer, else the answer itself, else its first list, looked for three levels deep. */
export function rowsOf(answer, pointer) {
  if (pointer !== undefined) {
    const found = at(answer, pointer);
    if (Array.isArray(found)) return found;
    return isContainer(found) ? [found] : [];
  }
  if (!isContainer(answer)) return [];
  return firstList(answer, 3) ?? [answer];
}

function firstList(value, depth) {
  if (Array.isArray(value)) return value;
  if (depth === 0 || !isContainer(value)) return undefined;
  const members = Object.values(value);
  return (
    members.find((member) => Array.isArray(member)) ?? members.map((inner) => firstList(inner, depth - 1)).find(Boolean)
  );
}

/** JSON whose whole numbers are kept as they are written, also those that JavaScript cannot hold. */
export function parseExactly(text) {
  const value = JSON.parse(text);
  if (!/\d{16}/.test(text)) return value;
  // Only valid JSON is searched, so that the work grows with the length alone.
  return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, quoteLargeNumber));
}

function quoteLargeNumber(token) {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
}

/**
 * A table of the rows: the wanted columns (`{path, title, format}`, path a JSON pointer) or those that a person would look for
 * first, and the cells of any part of the rows as text.
 */
export function tableOf(rows, wanted, language) {
  const sample = rows.slice(0, looked);
  const columns = (wanted ?? chosenColumns(sample)).map(({ path, title, format }) => ({
    path,
    label: localized(title, language) ?? labelOf(path),
    format: format ?? guessedFormat(path, sample),
  }));
  for (const column of columns) column.number = isNumeric(column, sample);
  const cells = (from, to) =>
    rows.slice(from, to).map((row) =>
      columns.map(({ path, format, number }) => ({
        ...cellOf(at(row, path), format),
        ...(number ? { number } : {}),
      })),
    );
  return { columns, cells, count: rows.length };
}

/** Whether a column is set to the right: numbers, and amounts, which many write as text so that no digit is lost. */
function isNumeric({ path, format }, sample) {
  if (format === 'date' || /(^|\/|_)id$/i.test(path)) return false;
  const values = sample
    .map((row) => at(row, path))
    .filter((value) => value !== undefined && value !== null && value !== '');
  if (values.some((value) => typeof value === 'number')) return true;
  const isAmount = format === 'minor_units' || isAmountName(path.split('/').at(-1));
  return isAmount && values.length > 0 && values.every((value) => /^[+-]?\d[\d ]*([.,]\d+)?$/.test(value));
}

/** A value as a cell shows it; `title` is the whole of it where the text is not. */
export function cellOf(value, format) {
  if (value === undefined || value === null || value === '') return { text: '–', number: false };
  const whole = isContainer(value) ? JSON.stringify(value) : String(value);
  const text = isContainer(value) ? summary(value) : formatted(value, format);
  const short = text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
  const number = typeof value === 'number' && format !== 'date';
  return { text: short, number, ...(short === whole ? {} : { title: whole.slice(0, 500) }) };
}

function formatted(value, format) {
  if (format === 'date') return dateText(value);
  if (format === 'minor_units' && Number.isFinite(Number(value))) return (Number(value) / 100).toFixed(2);
  return textOf(value);
}

/** A scalar as text; of a time (RFC 3339) only the date, the hour and the minute. */
export function textOf(value) {
  const time = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(value);
  if (!time) return String(value);
  return time[2] === '00:00' ? time[1] : `${time[1]} ${time[2]}`;
}

/** A day; seconds and milliseconds since the epoch are told apart by their size. */
function dateText(value) {
  if (typeof value === 'string' && !/^\d+$/.test(value)) return textOf(value).slice(0, 10);
  const seconds = Number(value) > 1e11 ? Number(value) / 1000 : Number(value);
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(value) : date.toISOString().slice(0, 10);
}

function summary(value) {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.every((each) => !isContainer(each)) ? value.join(', ') : `[${value.length}]`;
}

const dateName = /(^|_|\/)(date|due|created|updated|timestamp|expires)(_?(at|date|on))?$|(Date|At)$/;

function guessedFormat(path, sample) {
  const values = sample.map((row) => at(row, path)).filter((value) => value !== null && value !== undefined);
  const isSeconds = (value) => typeof value === 'number' && value > 3e8 && value < 2e13;
  return dateName.test(path.slice(-maxName)) && values.length > 0 && values.every(isSeconds) ? 'date' : 'text';
}

/** Names of members that hold amounts. */
const amounts = /(total|amount|balance|price|cost|sum|tax|quantity|open|high|low|close|volume)/i;

/** Whether a member's last word is an amount; of a long name only its end counts, so that the work stays the same. */
function isAmountName(name) {
  return amounts.test(/\w*$/.exec(name.slice(-maxName))[0]);
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
 */
export function chosenColumns(sample) {
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

function placeOf(path, found) {
  const parts = path.split('/').slice(1);
  const name = (parts.at(-1) ?? '').slice(0, maxName);
  const known = order.findIndex((words) => words.test(name));
  const longest = Math.max(...found.map((value) => String(value ?? '').length));
  const hidden = longest > maxLength || found.every((value) => typeof value === 'boolean') || /id$/i.test(name);
  return (known === -1 ? order.length : known) + (parts.length > 1 ? 0.5 : 0) + (hidden ? 10 : 0);
}

function scalars(row) {
  if (!isContainer(row) || Array.isArray(row)) return [['', row]];
  return Object.entries(row).flatMap(([name, value]) => {
    const path = `/${escaped(name)}`;
    if (!isContainer(value)) return [[path, value]];
    if (Array.isArray(value)) return [];
    const inner = Object.entries(value).filter(([, member]) => !isContainer(member));
    return inner.map(([member, scalar]) => [`${path}/${escaped(member)}`, scalar]);
  });
}

function labelOf(path) {
  return path === '' ? 'value' : path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
}

function localized(title, language) {
  if (title === undefined || typeof title === 'string') return title;
  return title[language] ?? title.en;
}

function escaped(name) {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function isContainer(value) {
  return typeof value === 'object' && value !== null;
}
