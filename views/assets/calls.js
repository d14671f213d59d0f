/* What a call is made of, and how a program would make it. Knows nothing of the page. */

/** A call out of what a person typed, or the name of what is wrong with it. */
export function callOf({ method, path, query = '', headers = '', body = '', graphql, variables = '' }) {
  if (!/^\/(?![/\\])/.test(path) || leadsOut(path)) return { wrong: 'badPath' };
  const fields = {};
  for (const line of lines(headers)) {
    const found = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(line);
    if (!found) return { wrong: 'badHeader' };
    fields[found[1].toLowerCase()] = found[2];
  }
  const content = graphql === undefined ? { body: body === '' ? undefined : body } : graphqlBody(graphql, variables);
  if (content.wrong !== undefined) return content;
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

/** A browser takes dot segments out of an address, encoded ones too: such a path could name another route of this server. */
function leadsOut(path) {
  return ['/a/', '/b/'].some(
    (folder) => !new URL(folder.slice(0, -1) + path, 'ws://api.invalid').pathname.startsWith(folder),
  );
}

/** The names of headers that a person typed and that go no further than this server, or than the browser. */
export function droppedOf({ typed }, passed) {
  return typed.filter((name) => !passed.includes(name) && name !== 'x-csrf');
}

/** The fields of the form that show this example. */
export function fieldsOf({ method, path, body, accept }, isGraphql) {
  const [bare, query = ''] = splitOnce(path, '?');
  const headers = accept === undefined ? '' : `Accept: ${accept}`;
  if (!isGraphql) {
    const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${name}=${value}`);
    return { method, path: bare, query: pairs.join('\n'), headers, body: body ?? '' };
  }
  const { query: graphql = '', variables } = parsed(body) ?? {};
  return {
    method,
    path,
    headers,
    graphql,
    variables: variables === undefined ? '' : JSON.stringify(variables, null, 2),
  };
}

function graphqlBody(query, text) {
  const variables = text.trim() === '' ? undefined : parsed(text);
  if (text.trim() !== '' && (typeof variables !== 'object' || variables === null || Array.isArray(variables)))
    return { wrong: 'badVariables' };
  return { body: JSON.stringify({ query, ...(variables ? { variables } : {}) }) };
}

function withQuery(path, text) {
  const pairs = lines(text).map((line) => splitOnce(line, '=').map(encodeURIComponent).join('='));
  if (pairs.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

/** The call for a terminal. The cookie is for the reader to fill in. */
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

/** The call for a page of the front end: the browser adds the cookie by itself. */
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

function stringify(json) {
  return `JSON.stringify(${JSON.stringify(json, null, 2).replaceAll('\n', '\n  ')})`;
}

/** A string of JavaScript, whatever is in it. */
function text(value) {
  if (/^[\x20-\x26\x28-\x5b\x5d-\x7e]*$/.test(value)) return `'${value}'`;
  return JSON.stringify(value);
}

/** One word for a POSIX shell, whatever is in it. */
function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function lines(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function splitOnce(text, sign) {
  const at = text.indexOf(sign);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
