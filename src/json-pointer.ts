/** The value at a JSON pointer (RFC 6901), or undefined where there is none. */
export function atPointer(value: unknown, pointer: string): unknown {
  if (pointer === '') return value;
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, token) => {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, token)) return undefined;
      return (at as Record<string, unknown>)[token];
    }, value);
}

/** A member by its name, or where a JSON pointer leads. */
export function memberAt(object: Readonly<Record<string, unknown>>, name: string): unknown {
  if (name.startsWith('/')) return atPointer(object, name);
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Every value at a JSON pointer in which the segment `*` stands for each element of an array. */
export function allAtPointer(value: unknown, pointer: string): unknown[] {
  const star = pointer.search(/\/\*(\/|$)/);
  if (star === -1) return [atPointer(value, pointer)];
  const list = atPointer(value, pointer.slice(0, star));
  const rest = pointer.slice(star + 2);
  return Array.isArray(list) ? list.flatMap((each) => allAtPointer(each, rest)) : [];
}
