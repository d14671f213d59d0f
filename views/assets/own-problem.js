/* A failure of Gatehouse itself, in the page's language, with the way to connect again where there is one. */
import { element } from './element.js';

/** @import { Words } from '../types.js' */

/**
 * @param {HTMLElement} box
 * @param {Iterable<HTMLTemplateElement>} texts
 * @param {Words} words
 * @param {string} code
 * @param {string} body
 */
export function fillProblem(box, texts, words, code, body) {
  const problem = parse(body);
  const known = [...texts].find((template) => template.dataset.problem === code);
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

/** @param {unknown} text */
function ownAddress(text) {
  if (typeof text !== 'string' || !URL.canParse(text, location.href)) return undefined;
  const url = new URL(text, location.href);
  if (url.origin !== location.origin) return undefined;
  url.searchParams.set('return_to', location.pathname);
  return url.href;
}

/**
 * @param {string} text
 * @returns {{ request_id?: unknown, connect_url?: unknown } | null | undefined}
 */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
