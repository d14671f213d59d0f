import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Definition } from './definition.js';
import { readProviderFile } from './read-file.js';
import { sourceOf } from './read-folder.js';

export const catalogueFolder = fileURLToPath(new URL('./catalog/', import.meta.url));

/**
 * The entries of the catalogue by id, which is the name of the file. A file is read when its entry is asked for, so that
 * entries nobody uses cost nothing. Asking for one that cannot be read throws ConfigurationError.
 */
export function openCatalogue(folder: string = catalogueFolder): ReadonlyMap<string, Definition> {
  const ids = readdirSync(folder).flatMap((name) => /^([a-z][a-z0-9-]*)\.yaml$/.exec(name)?.[1] ?? []);
  return lazyMap(ids.sort(), (id) => readEntry(join(folder, `${id}.yaml`), id));
}

function readEntry(file: string, id: string): Definition {
  const read = readProviderFile(sourceOf(file), file);
  if (!('definition' in read)) throw new ConfigurationError(read.problems);
  const known = { ...read, file };
  if (read.definition.id === id) return known;
  const remedy = 'Name the file of an entry after its id.';
  throw new ConfigurationError([{ where: `${file}:1`, what: `the id is ${read.definition.id}`, remedy }]);
}

/** A map with these keys in this order. Each value is made when it is first asked for, and kept. */
export function lazyMap<V>(keys: Iterable<string>, make: (key: string) => V): ReadonlyMap<string, V> {
  const made = new Map<string, V>();
  const known = new Set(keys);
  const get = (key: string): V | undefined => {
    if (!known.has(key)) return undefined;
    const value = made.has(key) ? (made.get(key) as V) : make(key);
    made.set(key, value);
    return value;
  };
  const entries = function* (): MapIterator<[string, V]> {
    for (const key of known) yield [key, get(key) as V];
  };
  const values = function* (): MapIterator<V> {
    for (const [, value] of entries()) yield value;
  };
  const map: ReadonlyMap<string, V> = {
    size: known.size,
    has: (key) => known.has(key),
    get,
    keys: () => known.keys(),
    values,
    entries,
    [Symbol.iterator]: entries,
    forEach: (each) => {
      for (const [key, value] of entries()) each(value, key, map);
    },
  };
  return map;
}
