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
