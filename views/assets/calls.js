/* What a call is made of, and how a program would make it. Knows nothing of the page. */

/** @import { Call, Fields, Wrong } from '../types.js' */

/**
 * A call out of what a person typed, or the name of what is wrong with it.
 * @param {Fields} fields
 * @returns {(Call & { wrong?: undefined }) | Wrong}
 */
export function callOf({ method = 'GET', path = '', query = '', headers = '', body = '', graphql, variables = '' }) {
  if (!/^\/(?![/\\])/.test(path) || leadsOut(path)) return { wrong: 'badPath' };
  /** @type {Record<string, string>} */
  const fields = {};
  for (const line of lines(headers)) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return { wrong: 'badHeader' };
    fields[name.toLowerCase()] = value;
  }
  const content = graphql === undefined ? { body: body === '' ? undefined : body } : graphqlBody(graphql, variables);
  if ('wrong' in content) return content;
  const sends = content.body !== undefined && method !== 'GET' && method !== 'HEAD';
  return {
    method,
    typed: Object.keys(fields),
    path: withQuery(path, query),
    headers: {
      accept: 'application/json, */*;q=0.5',
      ...(sends ? { 'content-type': 'application/json' } : {}),
      ...fields,
    },
    ...(sends ? { body: content.body } : {}),
  };
}

/**
 * A browser takes dot segments out of an address, encoded ones too: such a path could name another route of this server.
 * @param {string} path
 */
function leadsOut(path) {
  return ['/a/', '/b/'].some(
    (folder) => !new URL(folder.slice(0, -1) + path, 'ws://api.invalid').pathname.startsWith(folder),
  );
}

/**
 * The names of headers that a person typed and that go no further than this server, or than the browser.
 * @param {Pick<Call, 'typed'>} call
 * @param {readonly string[]} passed
 */
export function droppedOf({ typed }, passed) {
  return typed.filter((name) => !passed.includes(name) && name !== 'x-csrf');
}

/**
 * The fields of the form that show this example.
 * @param {{ method?: string | undefined, path?: string | undefined, body?: string | undefined, accept?: string | undefined }} example
 * @param {boolean} isGraphql
 * @returns {Fields}
 */
export function fieldsOf({ method, path = '', body, accept }, isGraphql) {
  const [bare, query = ''] = splitOnce(path, '?');
  const headers = accept === undefined ? '' : `Accept: ${accept}`;
  if (!isGraphql) {
    const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${name}=${value}`);
    return { method, path: bare, query: pairs.join('\n'), headers, body: body ?? '' };
  }
  const { query: graphql = '', variables } = Object(parsed(body));
  return {
    method,
    path,
    headers,
    graphql,
    variables: variables === undefined ? '' : JSON.stringify(variables, null, 2),
  };
}

/**
 * @param {string} query
 * @param {string} text
 * @returns {{ body: string } | Wrong}
 */
function graphqlBody(query, text) {
  const variables = text.trim() === '' ? undefined : parsed(text);
  if (text.trim() !== '' && (typeof variables !== 'object' || variables === null || Array.isArray(variables)))
    return { wrong: 'badVariables' };
  return { body: JSON.stringify({ query, ...(variables ? { variables } : {}) }) };
}

/**
 * @param {string} path
 * @param {string} text
 */
function withQuery(path, text) {
  const pairs = lines(text).map((line) => splitOnce(line, '=').map(encodeURIComponent).join('='));
  if (pairs.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

/**
 * The call for a terminal. The cookie is for the reader to fill in.
 * @param {Call} call
 * @param {{ address: string, cookie: string }} place
 */
export function curlOf({ method, path, headers, body }, { address, cookie }) {
  const parts = [
    `curl ${method === 'GET' ? '' : method === 'HEAD' ? '--head ' : `-X ${method} `}${quoted(address + path)}`,
    `-H 'X-CSRF: 1'`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    `--cookie "${cookie}=$SESSION_COOKIE"`,
    ...(body === undefined ? [] : [`--data-raw ${quoted(body)}`]),
  ];
  return parts.join(' \\\n  ');
}

/**
 * The call for a page of the front end: the browser adds the cookie by itself.
 * @param {Call} call
 * @param {{ proxy: string }} place
 */
export function fetchOf({ method, path, headers, body }, { proxy }) {
  const fields = Object.entries({ 'X-CSRF': '1', ...headers }).map(([name, value]) => `${text(name)}: ${text(value)}`);
  const json = parsed(body);
  const lines = [
    ...(method === 'GET' ? [] : [`method: ${text(method)}`]),
    `headers: {\n    ${fields.join(',\n    ')},\n  }`,
    ...(body === undefined ? [] : [`body: ${json === undefined ? text(body) : stringify(json)}`]),
  ];
  return `const answer = await fetch(${text(proxy + path)}, {\n  ${lines.join(',\n  ')},\n});`;
}

/** @param {unknown} json */
function stringify(json) {
  return `JSON.stringify(${JSON.stringify(json, null, 2).replaceAll('\n', '\n  ')})`;
}

/**
 * A string of JavaScript, whatever is in it.
 * @param {string} value
 */
function text(value) {
  if (/^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/.test(value)) return `'${value}'`;
  return JSON.stringify(value);
}

/**
 * One word for a POSIX shell, whatever is in it.
 * @param {string} text
 */
function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** @param {string} text */
function lines(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/**
 * @param {string} text
 * @param {string} sign
 */
function splitOnce(text, sign) {
  const at = text.indexOf(sign);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * @param {string | undefined} json
 * @returns {unknown}
 */
function parsed(json) {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
