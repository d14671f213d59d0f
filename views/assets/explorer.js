/* The data explorer: each button is one call through /proxy, the form is any other. The server names the one that is made when the page opens. */
import { createAnswerView } from './answer-view.js';
import { callOf, curlOf, droppedOf, fetchOf, fieldsOf } from './calls.js';
import { element } from './element.js';
import { refreshPage } from './live.js';
import { lookedUp } from './look-up.js';
import { fillProblem } from './own-problem.js';
import { countOf, linkTo, nextPage, rangeOf } from './paging.js';
import { fileName, limit, receive } from './receive.js';
import { waitOf } from './wait.js';

/** @import { Call, Opened, Received, Shape, Words } from '../types.js' */

const explorer = /** @type {HTMLElement} */ (document.querySelector('[data-explorer]'));
const { proxy = '', style, address = '', cookie = '', passed = '', unasked = '' } = explorer.dataset;
/** @type {Words} */
const words = JSON.parse(explorer.dataset.words ?? '');
const language = document.documentElement.lang === 'nb' ? 'nb-NO' : 'en-GB';
/**
 * A part that every page with calls has.
 * @param {string} name
 */
const part = (name) => /** @type {HTMLElement} */ (explorer.querySelector(`[data-part="${name}"]`));
/** @param {number} value */
const number = (value) => value.toLocaleString(language, { maximumFractionDigits: 1 });
const view = createAnswerView(explorer, words, number);
const calls = /** @type {HTMLButtonElement[]} */ ([...explorer.querySelectorAll('.call')]);
/** @type {HTMLFormElement | null} */
const form = explorer.querySelector('[data-part="own-form"]');
let running = new AbortController();
/**
 * Makes the call for the page after the one that is shown.
 * @type {(() => void) | undefined}
 */
let goOn;

for (const call of calls)
  call.addEventListener('click', (event) => {
    event.preventDefault();
    open(call);
  });
part('stop').addEventListener('click', () => running.abort('stopped'));
part('next-page').addEventListener('click', () => goOn?.());
form?.addEventListener('submit', (event) => {
  event.preventDefault();
  const call = callOf(Object.fromEntries(new FormData(form)));
  if (call.wrong) return say(words[call.wrong]);
  press(undefined);
  void load(call);
});
explorer.querySelector('[data-part="own"]')?.removeAttribute('hidden');
const first = unasked === '' ? undefined : calls[Number(unasked)];
if (first) open(first);
else if (calls[0]) fill(calls[0]);

/**
 * Writes an example call into the form as a beginning for another one.
 * @param {HTMLButtonElement} button
 */
function fill(button) {
  const fields = fieldsOf(button.dataset, style === 'graphql');
  for (const [name, value] of Object.entries(fields)) write(name, value);
}

/**
 * @param {string} name
 * @param {string} value
 */
function write(name, value) {
  const field = form?.elements.namedItem(name);
  if (field && 'value' in field) field.value = value;
}

/**
 * Makes an example call.
 * @param {HTMLButtonElement} button
 */
function open(button) {
  press(button);
  fill(button);
  const { method, path, body = '', rows, accept, columns, next, lookUp } = button.dataset;
  /** @param {string | undefined} json */
  const read = (json) => (json === undefined ? undefined : JSON.parse(json));
  const headers = accept === undefined ? '' : `Accept: ${accept}`;
  const call = callOf({ method, path, headers, body });
  if (call.wrong === undefined)
    void load(call, { pointer: rows, columns: read(columns), next: read(next), lookUp: read(lookUp) });
  else say(words[call.wrong]);
}

/** @param {HTMLButtonElement | undefined} button */
function press(button) {
  for (const call of calls) call.setAttribute('aria-pressed', String(call === button));
}

/** @typedef {{ number: number, before: number }} Page its number, and the rows of the pages before it */

/**
 * Makes a call and shows its answer.
 * @param {Call} asked
 * @param {Shape} [table]
 * @param {Page} [page]
 */
async function load(asked, table = {}, page = { number: 1, before: 0 }) {
  running.abort();
  const { signal } = (running = new AbortController());
  goOn = undefined;
  explorer.querySelector('[data-part="server-answer"]')?.remove();
  for (const name of ['measures', 'problem', 'answer', 'dropped']) part(name).hidden = true;
  part('stop').hidden = false;
  say(words.loading);
  try {
    const call = await lookedUp(asked, table.lookUp, { proxy, signal });
    if ('nothing' in call) return say(words.lookedUp.replace('{path}', call.nothing));
    if (table.lookUp) write('path', call.path.replace(/\?.*$/, ''));
    part('curl').textContent = curlOf(call, { address, cookie });
    part('fetch').textContent = fetchOf(call, { proxy });
    const started = performance.now();
    const { method, path, headers, body } = call;
    const response = await fetch(proxy + path, {
      method,
      headers: { ...headers, 'x-csrf': '1' },
      body: body ?? null,
      signal,
    });
    const received = await receive(response, (bytes) => say(words.received.replace('{size}', size(bytes))));
    const milliseconds = performance.now() - started;
    if (signal.aborted) return;
    sayDropped(call);
    await show(call, response, received, { ...table, milliseconds, page }, signal);
    if (page.number > 1 && !signal.aborted) part('table').focus();
  } catch (error) {
    if (signal.reason === 'stopped') say(words.stopped);
    else if (!signal.aborted) say(words.failed);
    if (!signal.aborted) throw error;
  } finally {
    if (!signal.aborted || signal.reason === 'stopped') part('stop').hidden = true;
  }
}

/**
 * @param {Call} call
 * @param {Response} response
 * @param {Received} received
 * @param {Shape & { milliseconds: number, page: Page }} shown
 * @param {AbortSignal} signal
 */
async function show(call, response, { blob, type, cut }, { milliseconds, page, ...table }, signal) {
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
    /** @type {NodeListOf<HTMLTemplateElement>} */
    const texts = explorer.querySelectorAll('template[data-problem]');
    fillProblem(part('problem'), texts, words, code, await blob.text());
    await refreshPage();
    return;
  }
  const name = fileName(response, call.path);
  // The example's rows and columns are those of what was asked for, not of an error.
  const shape = response.ok ? { pointer: table.pointer, columns: table.columns } : {};
  const opened = await view.show({ blob, type, ...shape, pageInfo: table.next?.page_info, name, failed: !response.ok });
  if (signal.aborted) return;
  const count = opened.count ?? 0;
  const after = response.ok && !opened.errors ? pageAfter(call, response, opened, table.next) : undefined;
  const { number: at, before } = page;
  part('next-page').hidden = after === undefined;
  goOn = after && (() => load(after, { ...table, lookUp: undefined }, { number: at + 1, before: before + count }));
  if (response.ok && count > 0 && !opened.errors) {
    const total = Number(response.headers.get('x-total-count') ?? NaN);
    const range = rangeOf({ before, rows: count, total, more: after !== undefined }, words);
    const shown = Math.min(50, count);
    const text = countOf({ shown, rows: count, total, whole: table.next !== undefined && !after }, words);
    measure('rows', range ?? view.filled(text, shown, count));
  }
  const told = sentence(response, opened, { type, cut, bytes: blob.size });
  say(at > 1 && told === '' ? words.page.replace('{page}', String(at)) : told);
  if ((response.status >= 400 && response.status < 500) || opened.errors || isOver()) await refreshPage();
}

/** Whether the page says that this connection has ended, which a call that succeeds shows to be over. */
function isOver() {
  return document.querySelector('[data-live=head] [data-status=reauth_required]') !== null;
}

/**
 * The call for the next page: where a Link header leads, if that is to this API, or else as the provider file says.
 * @param {Call} call
 * @param {Response} response
 * @param {Opened} opened
 * @param {Shape['next']} rule
 */
function pageAfter(call, response, { count = 0, info }, rule) {
  const target = linkTo(response.headers.get('link'), 'next');
  if (target === undefined) {
    const after = nextPage(call, rule, { rows: count, info });
    return after && { ...call, ...after };
  }
  const { pathname, search } = new URL(target, response.url);
  return pathname.startsWith(`${proxy}/`) ? { ...call, path: pathname.slice(proxy.length) + search } : undefined;
}

/** @param {Call} call */
function sayDropped(call) {
  const names = droppedOf(call, passed.split(' '));
  part('dropped').hidden = names.length === 0;
  part('dropped').textContent = names.length === 0 ? '' : words.dropped.replace('{names}', names.join(', '));
}

/**
 * @param {Response} response
 * @param {Opened} opened
 * @param {{ type: string, cut: boolean, bytes: number }} received
 */
function sentence(response, { form: kind, count, errors }, { type, cut, bytes }) {
  if (cut) return words.tooLarge.replace('{size}', size(limit));
  const wait = response.status === 429 ? waitOf(response.headers, Date.now()) : undefined;
  if (wait !== undefined) return words.limited.replace('{time}', duration(wait));
  if (!response.ok) return kind === 'empty' ? words.refusedSilently : words.refused;
  if (kind === 'empty') return words.noBody;
  if (kind === 'binary')
    return words.binary.replace('{type}', type.split(';')[0] || '?').replace('{size}', size(bytes));
  if (kind === 'text') return words.notTable;
  if (errors) return words.providerErrors;
  const empty = /** @type {HTMLTemplateElement} */ (part('empty'));
  return count === 0 ? empty.content.textContent.trim() : '';
}

/** @param {Response} response */
function showHeaders(response) {
  part('headers').replaceChildren(
    ...[...response.headers].map(([name, value]) => {
      const line = document.createElement('div');
      line.append(element('dt', name), element('dd', value));
      return line;
    }),
  );
}

/** @param {string} text */
function say(text) {
  part('status').textContent = text;
}

/**
 * @param {string} name
 * @param {string} text
 */
function measure(name, text) {
  const box = explorer.querySelector(`[data-measure="${name}"]`);
  if (box) box.textContent = text;
}

/** @param {number} seconds */
function duration(seconds) {
  const unit = seconds < 120 ? 'second' : 'minute';
  const count = seconds < 120 ? seconds : Math.ceil(seconds / 60);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

/** @param {number} bytes */
function size(bytes) {
  if (bytes < 1000) return `${number(bytes)} B`;
  return bytes < 1e6 ? `${number(bytes / 1000)} kB` : `${number(bytes / 1e6)} MB`;
}
