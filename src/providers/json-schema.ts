import { z } from 'zod';
import { providerFile } from './schema.js';

export interface Node {
  properties?: Record<string, Node>;
  anyOf?: Node[];
  items?: Node;
  additionalProperties?: Node | boolean;
  description?: string;
  [keyword: string]: unknown;
}

/**
 * The JSON Schema of a provider file, for editors. `reference` is docs/provider-file.md: the last cell of the row that
 * begins with a key's path becomes the description of that key.
 */
export function jsonSchema(reference: string): Node {
  const schema = z.toJSONSchema(providerFile, { io: 'input' }) as Node;
  const meanings = meaningsIn(reference);
  for (const [path, node] of keysOf(schema)) {
    const meaning = meanings.get(path);
    if (meaning !== undefined) node.description = meaning;
  }
  return { ...schema, title: 'Gatehouse provider file' };
}

/** Every key that can be written, by its path: `api.allow[].path`. What an operator names (a header, an environment) is no key. */
export function keysOf(schema: Node, path = ''): Map<string, Node> {
  const found = new Map<string, Node>();
  for (const node of [schema, ...(schema.anyOf ?? [])]) {
    const inner = node.items ? [...keysOf(node.items, `${path}[]`)] : [];
    const { additionalProperties: named } = node;
    // The variables of a file are named by the operator; what each of them holds are keys of ours.
    if (path === 'variables' && typeof named === 'object') inner.push(...keysOf(named, 'variables[]'));
    // A text in two languages is a value, not a map of keys.
    const isText = node.properties !== undefined && 'en' in node.properties;
    for (const [name, child] of Object.entries(isText ? {} : (node.properties ?? {}))) {
      const own = path === '' ? name : `${path}.${name}`;
      inner.push([own, child], ...keysOf(child, own));
    }
    for (const [key, value] of inner) found.set(key, value);
  }
  return found;
}

/** The rows of the reference: path of the key, and what it means. */
export function meaningsIn(reference: string): Map<string, string> {
  const rows = reference.matchAll(/^\| `([\w.[\]]+)` .*\| ([^|]+?) +\|$/gm);
  return new Map([...rows].map(([, path = '', meaning = '']) => [path, meaning.replaceAll('`', '')]));
}
