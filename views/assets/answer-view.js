/* Shows one answer: table, text, headers and code, large ones in part with the rest on demand. */
import { addRows, drawTable } from './table.js';
import { tabsIn } from './tabs.js';

/** @import { Answers, ExampleColumn, Opened, Words } from '../types.js' */

const rowsAtOnce = { first: 50, more: 200 };
const charactersAtOnce = { first: 40_000, more: 200_000 };

/** @typedef {{ table?: HTMLTableElement, rows: number, count: number, characters: number }} State */

/**
 * @param {HTMLElement} explorer
 * @param {Words} words
 * @param {(value: number) => string} number
 */
export function createAnswerView(explorer, words, number) {
  /**
   * @param {string} name
   * @returns {HTMLElement}
   */
  const part = (name) => /** @type {HTMLElement} */ (explorer.querySelector(`[data-part="${name}"]`));
  const offer = tabsIn(part('answer'));
  const url = new URL('answer-worker.js', import.meta.url);
  /** @type {Worker | undefined} */
  let worker;
  /** @type {Map<number, (answer: any) => void>} */
  let questions = new Map();
  /** @type {State | undefined} */
  let state;

  part('more-rows').addEventListener('click', () => moreRows(rowsAtOnce.more));
  part('more-text').addEventListener('click', () => moreText(charactersAtOnce.more));
  part('answer').addEventListener('shown', (event) => {
    const shown = event instanceof CustomEvent ? event.detail : undefined;
    if (shown === 'tab-text' && state?.characters === 0) void moreText(charactersAtOnce.first);
  });

  /** A worker of its own for each answer: what an earlier one still reads is thrown away. */
  function renew() {
    worker?.terminate();
    questions = new Map();
    worker = new Worker(url, { type: 'module' });
    worker.addEventListener('message', ({ data: { id, answer } }) => {
      questions.get(id)?.(answer);
      questions.delete(id);
    });
  }

  /**
   * @template {keyof Answers} Name
   * @param {Name} question
   * @param {Parameters<Answers[Name]>[0]} details
   * @returns {Promise<Awaited<ReturnType<Answers[Name]>>>}
   */
  function ask(question, details) {
    return new Promise((resolve) => {
      const id = Math.random();
      questions.set(id, resolve);
      worker?.postMessage({ id, ask: question, ...details });
    });
  }

  /**
   * Reads the answer and shows it. Resolves to what it is.
   * @param {{ blob: Blob, type: string, pointer?: string | undefined, columns?: readonly ExampleColumn[] | undefined,
   *   pageInfo: string | undefined, name: string, failed: boolean }} response
   * @returns {Promise<Opened>}
   */
  async function show({ blob, type, pointer, columns, pageInfo, name, failed }) {
    renew();
    part('table').replaceChildren();
    part('text').replaceChildren();
    const { lang: language } = document.documentElement;
    const opened = await ask('open', { blob, type, pointer, columns, pageInfo, language });
    state = { rows: 0, count: opened.count ?? 0, characters: 0 };
    const hasTable = opened.form === 'json' && opened.count > 0;
    const hasText = opened.form === 'json' || opened.form === 'text';
    const textTab = part('answer').querySelector('#tab-text');
    if (textTab) textTab.textContent = opened.form === 'text' ? words.plain : words.text;
    offerDownload(blob, opened.form === 'empty' ? undefined : name);
    if (hasTable) {
      state.table = drawTable(opened.columns, words.result);
      part('table').append(state.table);
      await moreRows(rowsAtOnce.first);
    }
    const tabs = [...(hasTable ? ['tab-table'] : []), ...(hasText ? ['tab-text'] : []), 'tab-headers', 'tab-code'];
    part('answer').hidden = false;
    // What a provider says of an error is what has to be read now, not the code of the call.
    offer(opened.errors ? ['tab-text', 'tab-headers', 'tab-code'] : tabs, { keep: !failed && !opened.errors });
    return opened;
  }

  /** @param {number} count */
  async function moreRows(count) {
    const current = state;
    if (!current?.table) return;
    const to = Math.min(current.rows + count, current.count);
    const rows = await ask('rows', { from: current.rows, to });
    addRows(current.table, rows);
    current.rows = to;
    part('more-rows').hidden = to === current.count;
    part('rows-shown').textContent = to === current.count ? '' : filled(words.rows, to, current.count);
  }

  /** @param {number} count */
  async function moreText(count) {
    const current = state;
    if (!current) return;
    const from = current.characters;
    const { text, length } = await ask('text', { from, to: from + count });
    current.characters = Math.min(from + count, length);
    part('text').append(document.createTextNode(text));
    part('more-text').hidden = current.characters >= length;
    part('text-shown').textContent =
      current.characters >= length ? '' : filled(words.characters, current.characters, length);
  }

  /**
   * @param {Blob} blob
   * @param {string | undefined} name
   */
  function offerDownload(blob, name) {
    const link = /** @type {HTMLAnchorElement} */ (part('download'));
    if (link.href) URL.revokeObjectURL(link.href);
    link.hidden = name === undefined;
    if (name === undefined) return;
    // As bytes, whatever it is: an address of ours must not open somebody else's page.
    link.href = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
    link.download = name;
  }

  /**
   * @param {string} text
   * @param {number} shown
   * @param {number} count
   */
  function filled(text, shown, count) {
    return text.replace('{shown}', number(shown)).replace('{count}', number(count));
  }

  return { show, filled };
}
