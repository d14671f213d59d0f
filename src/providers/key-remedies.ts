import { nearestName } from '../nearest-name.js';
import { jsonSchema, keysOf, type Node } from './json-schema.js';

/*
 * What a provider file's author is told about a key, read from the same JSON Schema that editors are given.
 */

/** Made when the first mistake is found. */
let known: ReturnType<typeof keysOf> | undefined;
const keys = () => (known ??= keysOf(jsonSchema('')));

/** For a key that nobody knows: the one that was probably meant, else all that may stand in its place. */
export function remedyForUnknown(path: readonly PropertyKey[]): string {
  const siblings = siblingsOf(pathOf(path.slice(0, -1)));
  const nearest = nearestName(String(path.at(-1)), siblings);
  if (nearest !== undefined) return `Remove it or correct its spelling; ${nearest} is close.`;
  if (siblings.length === 0) return 'Remove it or correct its spelling.';
  return `Remove it or correct its spelling; known here: ${siblings.join(', ')}.`;
}

/** For a known key with a value that does not fit. */
export function remedyFor(path: readonly PropertyKey[]): string {
  const nodes = alternatives(keys().get(pathOf(path)));
  const values = nodes.flatMap(({ enum: some, const: one }) =>
    Array.isArray(some) ? (some as unknown[]) : (one ?? []),
  );
  const type = nodes.map((each) => each['type']).find((each) => typeof each === 'string' && Object.hasOwn(words, each));
  const fixed = values.map(String).join(', ');
  if (typeof type !== 'string' || nodes.every((each) => each['type'] !== type || 'enum' in each))
    return fixed === '' ? 'Correct the value.' : `Correct the value; one of ${fixed}.`;
  return `Correct the value; ${words[type] ?? type} is right${nodes.length > 1 && fixed !== '' ? `, or ${fixed}` : ''}.`;
}

/** What a value may be, each by itself. */
function alternatives(node: Node | undefined): Node[] {
  if (!node) return [];
  return node.anyOf ? node.anyOf.flatMap(alternatives) : [node];
}

const words: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  object: 'a map',
  string: 'a text',
};

/** As the schema names a place: elements of lists are alike, and an environment holds the keys of the file itself, and all variables are alike. */
function pathOf(path: readonly PropertyKey[]): string {
  const written = path[0] === 'environments' && path.length > 1 ? path.slice(2) : path;
  const inner = written[0] === 'variables' ? written.map((key, index) => (index === 1 ? 0 : key)) : written;
  return inner
    .map((key) => (typeof key === 'number' ? '[]' : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function siblingsOf(parent: string): string[] {
  const prefix = parent === '' ? '' : `${parent}.`;
  return [...keys().keys()]
    .filter((key) => key.startsWith(prefix) && /^[^.[]+$/.test(key.slice(prefix.length)))
    .map((key) => key.slice(prefix.length));
}
