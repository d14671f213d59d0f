/** The names in braces of a text, each once. */
export function placeholders(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name))];
}

/**
 * What another program would fill and this one does not: `${…}`, `{{…}}`, a braced expression, or in an address a name in
 * square brackets. Undefined where there is none. JSON in a parameter is none.
 */
export function foreignPlaceholder(text: string, isAddress: boolean): string | undefined {
  const known = /\$\{[^}]*\}?|\{\{[^}]*\}?\}?|\{\s*[A-Za-z_][^{}"':,]*\}/g;
  for (const [found] of text.matchAll(known)) if (!/^\{\w+\}$/.test(found)) return found.slice(0, 60);
  if (!isAddress) return undefined;
  const bracketed = /\[[A-Za-z_][\w.-]*\]/.exec(text)?.[0] ?? /<[A-Za-z_][\w. -]*>/.exec(text)?.[0];
  return bracketed ?? (/[{}]/.test(text.replace(/\{\w+\}/g, '')) ? '{ or }' : undefined);
}
