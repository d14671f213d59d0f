/* What asks for the next page of an answer. Knows nothing of the page; the server uses it, too. */

/** @import { NextPageRule, PagedCall, Words } from '../types.js' */

/**
 * The target of the link of this relation in a Link header (RFC 8288); undefined where there is none.
 * @param {string | null} header
 * @param {string} relation
 */
export function linkTo(header, relation) {
  for (const [, target, parameters] of (header ?? '').matchAll(/<([^<>]*)>((?:[^",<]|"(?:[^"\\]|\\.)*")*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters ?? '');
    const relations = (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/);
    if (relations.includes(relation)) return target;
  }
  return undefined;
}

/**
 * Path and body of the call for the page after this one, as the provider file says it is asked for: a query parameter that
 * counts pages, or a variable that holds a Relay cursor. Undefined after the last page. `rows`: how many this page has;
 * `info`: its pageInfo.
 * @param {PagedCall} call
 * @param {NextPageRule | undefined} rule
 * @param {{ rows: number, info: unknown }} page
 * @returns {PagedCall | undefined}
 */
export function nextPage({ path, body }, rule, { rows, info }) {
  if (rule?.parameter !== undefined) {
    const [bare, query = ''] = path.split('?');
    const pairs = new URLSearchParams(query);
    const size = Number(pairs.get(rule.size ?? ''));
    if (rows === 0 || !(size > 0) || rows < size) return undefined;
    pairs.set(rule.parameter, String(Number(pairs.get(rule.parameter) ?? rule.first ?? 0) + 1));
    return { path: `${bare}?${pairs}`, body };
  }
  const { hasNextPage, endCursor } = /** @type {{ hasNextPage?: unknown, endCursor?: unknown }} */ (info ?? {});
  if (rule?.variable === undefined || hasNextPage !== true || typeof endCursor !== 'string') return undefined;
  return { path, body: withVariable(body ?? '', rule.variable, endCursor) };
}

/**
 * The body of a GraphQL request with one of its variables set.
 * @param {string} body
 * @param {string} name
 * @param {string} value
 * @returns {string}
 */
export function withVariable(body, name, value) {
  const request = JSON.parse(body);
  return JSON.stringify({ ...request, variables: { ...request.variables, [name]: value } });
}

/**
 * Whether a looked-up value can stand in a path. An API that answers `..`, or something encoded, must not choose another route:
 * every part of the value between slashes, which are encoded there, is a plain name.
 * @param {unknown} value
 * @returns {value is string | number}
 */
export function isPathValue(value) {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'string' || value.length > 1024) return false;
  return value.split('/').every((part) => /^(?!\.{1,2}$)[^\\%?#\p{C}]+$/u.test(part));
}

/**
 * A path with the named places in braces filled in.
 * @param {string} path
 * @param {Readonly<Record<string, string | number>>} values
 */
export function filledPath(path, values) {
  return Object.entries(values).reduce(
    (filled, [name, value]) => filled.replaceAll(`{${name}}`, encodeURIComponent(String(value))),
    path,
  );
}

/**
 * Which rows these are, in the page's words. `before`: rows of the earlier pages; `total`: of all, where it is known.
 * @param {{ before: number, rows: number, total?: number | undefined, more: boolean }} page
 * @param {Pick<Words, 'rangeOf' | 'rangeMore' | 'rangeLast'>} words
 */
export function rangeOf({ before, rows, total, more }, words) {
  const last = before + rows;
  /** @param {string} text */
  const range = (text) => text.replace('{from}', String(before + 1)).replace('{to}', String(last));
  if (rows === 0) return undefined;
  if (total !== undefined && (total > last || (total === last && before > 0)))
    return range(words.rangeOf).replace('{total}', String(total));
  if (more) return range(words.rangeMore);
  return before > 0 ? range(words.rangeLast) : undefined;
}

/**
 * How many rows an answer has, where `rangeOf` has nothing to say: those of all where that is known (`whole`), of this page where
 * there may be another one, and how many of them are shown.
 * @param {{ shown: number, rows: number, total?: number | undefined, whole: boolean }} page
 * @param {Pick<Words, 'rows' | 'rowsAll' | 'rowAll' | 'rowsHere' | 'rowHere'>} words
 */
export function countOf({ shown, rows, total, whole }, words) {
  if (shown < rows) return words.rows;
  const isOne = rows === 1;
  if (whole || total === rows) return isOne ? words.rowAll : words.rowsAll;
  return isOne ? words.rowHere : words.rowsHere;
}
