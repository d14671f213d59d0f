/** A map of a provider file without the entries that `null` removed. */
export function withoutNull<V>(map: Readonly<Record<string, V | null | undefined>>): Record<string, V> {
  return Object.fromEntries(Object.entries(map).filter((entry): entry is [string, V] => entry[1] != null));
}
