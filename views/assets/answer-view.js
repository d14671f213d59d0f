/* Shows one answer: table, text, headers and code, large ones in part with the rest on demand. */
import { addRows, drawTable } from './table.js';
import { tabsIn } from './tabs.js';

const rowsAtOnce = [50, 200];
const charactersAtOnce = [40_000, 200_000];

export function createAnswerView(explorer, words, number) {
  const part = (name) => explorer.querySelector(`[data-part="${name}"]`);
  const offer = tabsIn(part('answer'));
  const url = new URL('answer-worker.js', import.meta.url);
  let worker;
  let questions = new Map();
  let state;

  part('more-rows').addEventListener('click', () => moreRows(rowsAtOnce[1]));
  part('more-text').addEventListener('click', () => moreText(charactersAtOnce[1]));
  part('answer').addEventListener('shown', ({ detail }) => {
    if (detail === 'tab-text' && state && state.characters === 0) moreText(charactersAtOnce[0]);
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

  function ask(question, details) {
    return new Promise((resolve) => {
      const id = Math.random();
      questions.set(id, resolve);
      worker.postMessage({ id, ask: question, ...details });
    });
  }

  /** Reads the answer and shows it. Resolves to what it is. */
  async function show({ blob, type, pointer, columns, pageInfo, name, failed }) {
    renew();
    part('table').replaceChildren();
    part('text').replaceChildren();
    const { lang: language } = document.documentElement;
    const opened = await ask('open', { blob, type, pointer, columns, pageInfo, language });
    state = { ...opened, shown: 0, characters: 0 };
    const hasTable = opened.form === 'json' && opened.count > 0;
    const hasText = opened.form === 'json' || opened.form === 'text';
    part('answer').querySelector('#tab-text').textContent = opened.form === 'text' ? words.plain : words.text;
    offerDownload(blob, opened.form === 'empty' ? undefined : name);
    if (hasTable) {
      state.table = drawTable(opened.columns, words.result);
      part('table').append(state.table);
      await moreRows(rowsAtOnce[0]);
    }
    const tabs = [...(hasTable ? ['tab-table'] : []), ...(hasText ? ['tab-text'] : []), 'tab-headers', 'tab-code'];
    part('answer').hidden = false;
    // What a provider says of an error is what has to be read now, not the code of the call.
    offer(opened.errors ? ['tab-text', 'tab-headers', 'tab-code'] : tabs, { keep: !failed && !opened.errors });
    return opened;
  }

  async function moreRows(count) {
    const current = state;
    const to = Math.min(current.shown + count, current.count);
    const rows = await ask('rows', { from: current.shown, to });
    addRows(current.table, rows);
    current.shown = to;
    part('more-rows').hidden = to === current.count;
    part('rows-shown').textContent = to === current.count ? '' : filled(words.rows, to, current.count);
  }

  async function moreText(count) {
    const current = state;
    const from = current.characters;
    const { text, length } = await ask('text', { from, to: from + count });
    current.characters = Math.min(from + count, length);
    part('text').append(document.createTextNode(text));
    part('more-text').hidden = current.characters >= length;
    part('text-shown').textContent =
      current.characters >= length ? '' : filled(words.characters, current.characters, length);
  }

  function offerDownload(blob, name) {
    const link = part('download');
    if (link.href) URL.revokeObjectURL(link.href);
    link.hidden = name === undefined;
    if (name === undefined) return;
    // As bytes, whatever it is: an address of ours must not open somebody else's page.
    link.href = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
    link.download = name;
  }

  function filled(text, shown, count) {
    return text.replace('{shown}', number(shown)).replace('{count}', number(count));
  }

  return { show, filled };
}
