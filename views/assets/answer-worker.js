/*
 * Holds one answer beside the page, so that a large one never stops it: reads it, and gives out its rows and its text in
 * parts.
 */
import { indent } from './pretty.js';
import { at, parseExactly, rowsOf, tableOf } from './rows.js';

/** @import { Answers, Table } from '../types.js' */

/** @type {Table | undefined} */
let table;
let source = '';
let isJson = false;
/** @type {string | undefined} */
let shown;

self.addEventListener('message', async ({ data: { id, ask, ...question } }) => {
  const answer = answers[/** @type {keyof Answers} */ (ask)];
  self.postMessage({ id, answer: await answer(question) });
});

/** @type {Answers} */
const answers = {
  async open({ blob, type, pointer, columns, language, pageInfo }) {
    [table, shown] = [undefined, undefined];
    if (blob.size === 0) return { form: 'empty' };
    const decoded = decode(new Uint8Array(await blob.arrayBuffer()), type);
    if (decoded === undefined) return { form: 'binary' };
    source = decoded;
    const answer = parse(source);
    isJson = answer !== undefined;
    if (!isJson) return { form: 'text' };
    table = tableOf(rowsOf(answer, pointer), columns, language);
    const errors = Array.isArray(Object(answer).errors);
    const info = pageInfo === undefined ? undefined : at(answer, pageInfo);
    return { form: 'json', columns: table.columns, count: table.count, errors, info };
  },
  rows: ({ from, to }) => table?.cells(from, to) ?? [],
  text({ from, to }) {
    shown ??= isJson ? indent(source) : source;
    return { text: shown.slice(from, to), length: shown.length };
  },
};

/**
 * The text of the bytes; undefined for a file of another kind.
 * @param {Uint8Array} bytes
 * @param {string} type
 */
function decode(bytes, type) {
  const isText = /^text\/|[/+](json|xml|yaml|graphql|javascript|csv|x-www-form-urlencoded|x-ndjson)\b/.test(type);
  const charset = /charset="?([\w-]+)/i.exec(type)?.[1] ?? 'utf-8';
  if (isText) return decoderFor(charset).decode(bytes);
  if (type !== '' || bytes.subarray(0, 4096).includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** @param {string} charset */
function decoderFor(charset) {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}
