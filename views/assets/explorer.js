/* The data explorer: each button is one call through /proxy; the first one is made when the page opens. */
import { rowsOf } from './rows.js';
import { drawTable } from './table.js';

const maxRaw = 200_000;
const explorer = document.querySelector('[data-explorer]');
const words = explorer.dataset;
const language = document.documentElement.lang;
const part = (name) => explorer.querySelector(`[data-part="${name}"]`);
const calls = [...explorer.querySelectorAll('.call')];
let running = new AbortController();

for (const call of calls) {
  call.disabled = false;
  call.addEventListener('click', () => load(call));
}
if (calls[0]) load(calls[0]);

async function load(call) {
  running.abort();
  const { signal } = (running = new AbortController());
  for (const other of calls) other.setAttribute('aria-pressed', String(other === call));
  for (const name of ['measures', 'problem', 'table', 'raw']) part(name).hidden = true;
  part('status').textContent = words.textLoading;
  const started = performance.now();
  try {
    const { method, path, body } = call.dataset;
    const headers = { accept: 'application/json', 'x-csrf': '1' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(words.proxy + path, { method, headers, body, signal });
    const answer = await response.blob();
    const text = await answer.text();
    if (signal.aborted) return;
    part('status').textContent = '';
    show(response, text, call.dataset.rows, { milliseconds: performance.now() - started, bytes: answer.size });
  } catch {
    if (!signal.aborted) part('status').textContent = words.textFailed;
  }
}

function show(response, text, pointer, { milliseconds, bytes }) {
  const answer = parse(text);
  measure('status', `${response.status} ${response.statusText}`.trim());
  measure('time', `${number(Math.round(milliseconds))} ms`);
  measure('size', bytes < 1000 ? `${number(bytes)} B` : `${number(bytes / 1000)} kB`);
  measure('rows', '–');
  part('measures').hidden = false;

  const code = response.headers.get('x-gatehouse-error');
  if (code !== null) return showProblem(code, answer);
  showRaw(answer === undefined ? text : JSON.stringify(answer, null, 2), !response.ok);
  if (!response.ok) return say(words.textRefused);
  if (answer === undefined) return say(words.textNotJson);
  showRows(rowsOf(answer, pointer));
}

function showRows(rows) {
  if (rows.length === 0) return say(words.textEmpty);
  const { table, shown } = drawTable(rows, part('table').getAttribute('aria-label'));
  measure('rows', words.textRows.replace('{shown}', number(shown)).replace('{count}', number(rows.length)));
  part('table').replaceChildren(table);
  part('table').hidden = false;
}

/* A failure of Gatehouse itself, in the page's language, with the way to connect again where there is one. */
function showProblem(code, problem) {
  const texts = [...explorer.querySelectorAll('template[data-problem]')];
  const text = texts.find((template) => template.dataset.problem === code);
  const box = part('problem');
  box.replaceChildren(text ? text.content.cloneNode(true) : document.createTextNode(code));
  const address = ownAddress(problem?.connect_url);
  if (address) {
    const link = document.createElement('a');
    link.href = address;
    link.className = 'button primary';
    link.textContent = words.textAgain;
    box.append(link);
  }
  box.hidden = false;
}

function ownAddress(address) {
  if (typeof address !== 'string' || !URL.canParse(address, location.href)) return undefined;
  const url = new URL(address, location.href);
  return url.origin === location.origin ? url.href : undefined;
}

function showRaw(text, open) {
  const raw = part('raw');
  raw.querySelector('pre').textContent = text.length > maxRaw ? `${text.slice(0, maxRaw)}\n…` : text;
  raw.open = open;
  raw.hidden = false;
}

function say(text) {
  part('status').textContent = text;
}

function measure(name, text) {
  explorer.querySelector(`[data-measure="${name}"]`).textContent = text;
}

function number(value) {
  return value.toLocaleString(language, { maximumFractionDigits: 1 });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
