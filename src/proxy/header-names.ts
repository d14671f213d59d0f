export { canonicalName, hopByHop } from '../providers/reserved-headers.js';

/**
 * The header names, in lower case, that a Connection header lists besides the usual two words; undefined when there are
 * none. `raw` alternates names and values.
 */
export function connectionListed(raw: readonly string[]): ReadonlySet<string> | undefined {
  let listed: Set<string> | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    if (!isConnection(raw[at])) continue;
    const value = raw[at + 1] ?? '';
    if (value === 'keep-alive' || value === 'close') continue;
    for (const option of value.toLowerCase().split(',')) {
      const name = option.trim();
      if (name !== '' && name !== 'keep-alive' && name !== 'close') (listed ??= new Set()).add(name);
    }
  }
  return listed;
}

function isConnection(name: string | undefined): boolean {
  return name?.length === 10 && name.toLowerCase() === 'connection';
}
