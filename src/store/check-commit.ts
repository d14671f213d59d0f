import type { Guard, Write } from './store.js';

/** Throws a RangeError where a commit breaks the rules of the store. */
export function checkCommit(guards: readonly Guard[], writes: readonly Write[]): void {
  checkSameSlot([...guards, ...writes].map(({ key }) => key));
  if (new Set(writes.map(({ key }) => key)).size !== writes.length) throw new RangeError('A key is written twice');
  for (const write of writes) if ('ttlMs' in write) checkLifetime(write.ttlMs);
}

/** Throws a RangeError unless it is a whole number of milliseconds from 1 up. */
export function checkLifetime(ttlMs: number): void {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) throw new RangeError(`Not a lifetime in milliseconds: ${ttlMs}`);
}

/** Throws a RangeError unless all keys live in one slot of a Redis Cluster by their hash tag. */
export function checkSameSlot(keys: readonly string[]): void {
  const [first, ...others] = keys.map(hashTag);
  if (others.some((tag) => tag !== first)) throw new RangeError('The keys do not share a hash tag');
}

/** The keys in groups that share a hash tag. */
export function bySlot(keys: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const key of keys) groups.set(hashTag(key), [...(groups.get(hashTag(key)) ?? []), key]);
  return [...groups.values()];
}

/** What Redis Cluster hashes: the text in the first braces unless that is empty, else the whole key. */
function hashTag(key: string): string {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  return close > open + 1 ? key.slice(open + 1, close) : key;
}
