/* The data explorer: each button is one call through /proxy, the form is any other; the first is made when the page opens. */
import { createAnswerView } from './answer-view.js';
import { callOf, curlOf, fetchOf, fieldsOf } from './calls.js';
import { refreshPage } from './live.js';
import { fileName, limit, receive } from './receive.js';

const explorer = document.querySelector('[data-explorer]');
const { proxy, style, address, cookie } = explorer.dataset;
const words = JSON.parse(explorer.dataset.words);
const language = document.documentElement.lang === 'nb' ? 'nb-NO' : 'en-GB';
const part = (name) => explorer.querySelector(`[data-part="${name}"]`);
const number = (value) => value.toLocaleString(language, { maximumFractionDigits: 1 });
const view = createAnswerView(explorer, words, number);
const calls = [...explorer.querySelectorAll('.call')];
const form = part('own-form');
let running = new AbortController();

for (const call of calls)
  call.addEventListener('click', (event) => {
    event.preventDefault();
    open(call);
  });
part('stop').addEventListener('click', () => running.abort('stopped'));
form?.addEventListener('submit', (event) => {
  event.preventDefault();
  const call = callOf(Object.fromEntries(new FormData(form)));
  if (call.wrong) return say(words[call.wrong]);
  press(undefined);
  load(call);
});
if (part('own')) part('own').hidden = false;
const first = calls.find((call) => call.getAttribute('aria-pressed') === 'true') ?? calls[0];
if (first) open(first);

/** Makes an example call, and writes it into the form as a beginning for another one. */
function open(button) {
  press(button);
  const fields = fieldsOf(button.dataset, style === 'graphql');
  for (const [name, value] of Object.entries(fields)) if (form?.elements[name]) form.elements[name].value = value;
  const { method, path, body, rows, columns } = button.dataset;
  const call = callOf({ method, path, body: body ?? '' });
  load(call, { pointer: rows, columns: columns === undefined ? undefined : JSON.parse(columns) });
}

function press(button) {
  for (const call of calls) call.setAttribute('aria-pressed', String(call === button));
}

async function load(call, table = {}) {
  running.abort();
  const { signal } = (running = new AbortController());
  part('server-answer')?.remove();
  for (const name of ['measures', 'problem', 'answer']) part(name).hidden = true;
  part('stop').hidden = false;
  say(words.loading);
  part('curl').textContent = curlOf(call, { address, cookie });
  part('fetch').textContent = fetchOf(call, { proxy });
  const started = performance.now();
  try {
    const { method, path, headers, body } = call;
    const response = await fetch(proxy + path, { method, headers: { ...headers, 'x-csrf': '1' }, body, signal });
    const received = await receive(response, (bytes) => say(words.received.replace('{size}', size(bytes))));
    const milliseconds = performance.now() - started;
    if (signal.aborted) return;
    await show(response, received, { ...table, milliseconds, path }, signal);
  } catch (error) {
    if (signal.reason === 'stopped') say(words.stopped);
    else if (!signal.aborted) say(words.failed);
    if (!signal.aborted) throw error;
  } finally {
    if (!signal.aborted || signal.reason === 'stopped') part('stop').hidden = true;
  }
}

async function show(response, { blob, type, cut }, { milliseconds, path, pointer, columns }, signal) {
  measure('status', `${response.status} ${response.statusText}`.trim());
  measure('time', `${number(Math.round(milliseconds))} ms`);
  measure('size', size(blob.size));
  measure('rows', '–');
  part('measures').dataset.good = String(response.ok);
  part('measures').hidden = false;
  showHeaders(response);

  const code = response.headers.get('x-gatehouse-error');
  if (code !== null) {
    say('');
    showProblem(code, await blob.text());
    await refreshPage();
    return;
  }
  const name = fileName(response, path);
  // The example's rows and columns are those of what was asked for, not of an error.
  const shape = response.ok ? { pointer, columns } : {};
  const opened = await view.show({ blob, type, ...shape, name });
  if (signal.aborted) return;
  if (opened.count > 0 && !opened.errors)
    measure('rows', view.filled(words.rows, Math.min(50, opened.count), opened.count));
  say(sentence(response, opened, { type, cut, bytes: blob.size }));
  if (response.status === 401 || response.status === 403) await refreshPage();
}

function sentence(response, { form: kind, count, errors }, { type, cut, bytes }) {
  if (cut) return words.tooLarge.replace('{size}', size(limit));
  if (!response.ok) return words.refused;
  if (kind === 'empty') return words.noBody;
  if (kind === 'binary')
    return words.binary.replace('{type}', type.split(';')[0] || '?').replace('{size}', size(bytes));
  if (kind === 'text') return words.notTable;
  if (errors) return words.providerErrors;
  return count === 0 ? words.empty : '';
}

function showHeaders(response) {
  part('headers').replaceChildren(
    ...[...response.headers].map(([name, value]) => {
      const line = document.createElement('div');
      line.append(element('dt', name), element('dd', value));
      return line;
    }),
  );
}

/* A failure of Gatehouse itself, in the page's language, with the way to connect again where there is one. */
function showProblem(code, text) {
  const problem = parse(text);
  const texts = [...explorer.querySelectorAll('template[data-problem]')];
  const known = texts.find((template) => template.dataset.problem === code);
  const box = part('problem');
  box.replaceChildren(known ? known.content.cloneNode(true) : element('p', code));
  const id = typeof problem?.request_id === 'string' ? ` ${words.requestId}: ${problem.request_id}` : '';
  box.append(element('p', `${words.own_problem} ${code}.${id}`, 'sub'));
  const address = ownAddress(problem?.connect_url);
  if (address) {
    const link = element('a', words.again, 'button primary');
    link.href = address;
    box.append(link);
  }
  box.hidden = false;
}

function ownAddress(text) {
  if (typeof text !== 'string' || !URL.canParse(text, location.href)) return undefined;
  const url = new URL(text, location.href);
  if (url.origin !== location.origin) return undefined;
  url.searchParams.set('return_to', location.pathname);
  return url.href;
}

function element(name, text, look) {
  const made = document.createElement(name);
  made.textContent = text;
  if (look) made.className = look;
  return made;
}

function say(text) {
  part('status').textContent = text;
}

function measure(name, text) {
  explorer.querySelector(`[data-measure="${name}"]`).textContent = text;
}

function size(bytes) {
  if (bytes < 1000) return `${number(bytes)} B`;
  return bytes < 1e6 ? `${number(bytes / 1000)} kB` : `${number(bytes / 1e6)} MB`;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
