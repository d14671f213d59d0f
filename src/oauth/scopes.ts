import type { Provider } from '../providers/provider.js';

type Asked = Pick<Provider, 'scopes' | 'scopeSeparator'>;

/** The scope parameter of a request (RFC 6749 section 3.3), with commas for servers that want those. */
export function scopeParameter({ scopes, scopeSeparator }: Asked): { scope?: string } {
  if (scopes.length === 0) return {};
  return { scope: scopes.join(scopeSeparator === 'comma' ? ',' : ' ') };
}

/**
 * The scopes that an answer names. RFC 6749 section 3.3 puts spaces between them and allows a comma within one; servers are
 * found that put commas between. A text with commas is taken apart where it was not asked for as it stands and one of its
 * parts was: then it can only be a list.
 */
export function grantedScopes(text: string, { scopes: asked, scopeSeparator }: Asked): string[] {
  const granted = text.split(/\s+/).flatMap((token) => {
    const parts = token.split(',');
    const isList = !asked.includes(token) && parts.some((part) => asked.includes(part));
    return scopeSeparator === 'comma' || isList ? parts : token;
  });
  return [...new Set(granted.filter((scope) => scope !== ''))];
}
