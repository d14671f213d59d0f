/** Sets what a JSON pointer names, and makes the objects and arrays on the way. A number as a segment is an index. */
export function put(root: unknown, pointer: string, value: unknown): unknown {
  const [, first, ...rest] = pointer.split('/');
  if (first === undefined) return merge(root, value);
  const key = first.replaceAll('~1', '/').replaceAll('~0', '~');
  const below = rest.length === 0 ? '' : `/${rest.join('/')}`;
  if (/^\d+$/.test(key) && (root === undefined || Array.isArray(root))) {
    const list: unknown[] = root === undefined ? [] : [...(root as unknown[])];
    list[Number(key)] = put(list[Number(key)], below, value);
    return list;
  }
  const object = typeof root === 'object' && root !== null ? (root as Record<string, unknown>) : {};
  return { ...object, [key]: put(object[key], below, value) };
}

/** Two answers to one call as one. */
export function merge(one: unknown, other: unknown): unknown {
  if (one === undefined) return other;
  if (Array.isArray(one) && Array.isArray(other)) {
    const longer = one.length > other.length ? one : other;
    return longer.map((_, index) => merge(one[index], other[index]));
  }
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(one) || !isObject(other)) return other;
  const merged: Record<string, unknown> = { ...(one as object) };
  for (const [key, value] of Object.entries(other as object)) merged[key] = merge(merged[key], value);
  return merged;
}
