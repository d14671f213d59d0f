/*
 * Holds one answer beside the page, so that a large one never stops it: reads it, and gives out its rows and its text in
 * parts.
 */
import { indent } from './pretty.js';
import { at, parseExactly, rowsOf, tableOf } from './rows.js';

let table;
let source = '';
let isJson = false;
let shown;

self.addEventListener('message', async ({ data: { id, ask, ...question } }) => {
  self.postMessage({ id, answer: await answers[ask](question) });
});

const answers = {
  async open({ blob, type, pointer, columns, language, pageInfo }) {
    [table, shown] = [undefined, undefined];
    if (blob.size === 0) return { form: 'empty' };
    source = decode(new Uint8Array(await blob.arrayBuffer()), type);
    if (source === undefined) return { form: 'binary' };
    const answer = parse(source);
    isJson = answer !== undefined;
    if (!isJson) return { form: 'text' };
    table = tableOf(rowsOf(answer, pointer), columns, language);
    const errors = typeof answer === 'object' && answer !== null && Array.isArray(answer.errors);
    const info = pageInfo === undefined ? undefined : at(answer, pageInfo);
    return { form: 'json', columns: table.columns, count: table.count, errors, info };
  },
  rows: ({ from, to }) => table.cells(from, to),
  text({ from, to }) {
    shown ??= isJson ? indent(source) : source;
    return { text: shown.slice(from, to), length: shown.length };
  },
};

/** The text of the bytes; undefined for a file of another kind. */
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

function decoderFor(charset) {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

function parse(text) {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}
