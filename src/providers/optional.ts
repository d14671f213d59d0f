/** A member that is there only when it has a value. */
export function optional<K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> {
  return value === undefined || value === null ? {} : ({ [key]: value } as Record<K, V>);
}

/** A map of a provider file without the entries that `null` removed. */
export function withoutNull<V>(map: Readonly<Record<string, V | null | undefined>>): Record<string, V> {
  return Object.fromEntries(Object.entries(map).filter((entry): entry is [string, V] => entry[1] != null));
}
