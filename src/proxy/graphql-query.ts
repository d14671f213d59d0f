import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request body is GraphQL that only reads: JSON with a document, or several, whose operations are all queries. What
 * cannot be read as such, a persisted document among it, is taken for a change.
 */
export function isQuery(body: Buffer | null | undefined, headers: IncomingHttpHeaders): boolean {
  if (!body || (headers['content-encoding'] ?? 'identity') !== 'identity') return false;
  const text = body.toString('utf8');
  if (headers['content-type']?.startsWith('application/graphql;') || headers['content-type'] === 'application/graphql')
    return readsOnly(text);
  try {
    const parsed: unknown = JSON.parse(text);
    const operations: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
    return operations.length > 0 && operations.every(isQueryOperation);
  } catch {
    return false;
  }
}

function isQueryOperation(operation: unknown): boolean {
  if (typeof operation !== 'object' || operation === null || !('query' in operation)) return false;
  return typeof operation.query === 'string' && readsOnly(operation.query);
}

const word = /\w+/y;
const opening = '{([';
const closing = '})]';

/** Whether no definition of a document begins with another keyword than `query` and `fragment`. */
function readsOnly(document: string): boolean {
  let depth = 0;
  let selects = false;
  for (let at = 0; at < document.length; at += 1) {
    const char = document[at] ?? '';
    if (char === '#') at = endOfLine(document, at);
    else if (char === '"') {
      const end = endOfString(document, at);
      if (end === undefined) return false;
      at = end;
    } else if (opening.includes(char)) {
      depth += 1;
      selects = true;
    } else if (closing.includes(char)) depth -= 1;
    else {
      word.lastIndex = at;
      const found = word.exec(document)?.[0];
      if (found === undefined) continue;
      if (depth === 0 && (found === 'mutation' || found === 'subscription')) return false;
      at += found.length - 1;
    }
  }
  return selects && depth === 0;
}

function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at += 1;
  return at;
}

/** The place of the quotation mark that closes the string, or of the last one of a block string. */
function endOfString(text: string, from: number): number | undefined {
  if (text.startsWith('"""', from)) {
    let end = text.indexOf('"""', from + 3);
    while (end !== -1 && text[end - 1] === '\\') end = text.indexOf('"""', end + 3);
    return end === -1 ? undefined : end + 2;
  }
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return undefined;
}
