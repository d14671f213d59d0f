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

/** OpenID Connect Core 5.4: they ask for claims. Servers that list resource scopes alone leave them out of the answer. */
const claimScopes = new Set(['profile', 'email', 'address', 'phone']);
/** Further names under which issuers grant the claim scopes. */
const claimScopeNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['email', ['https://www.googleapis.com/auth/userinfo.email']],
  ['profile', ['https://www.googleapis.com/auth/userinfo.profile']],
]);

/**
 * Scopes that were asked for and not granted, by the equal and containing scopes of the provider file. A granted
 * offline_access shows as a refresh token, and granted claims show as an ID token; servers do not always repeat them.
 */
export function missingScopes(
  { scopeNames, scopeContains }: Pick<Provider, 'scopeNames' | 'scopeContains'>,
  requested: readonly string[],
  {
    granted,
    hasRefreshToken,
    hasIdToken,
  }: { granted: readonly string[]; hasRefreshToken: boolean; hasIdToken: boolean },
): string[] {
  const canonical = canonicalNames([scopeNames, claimScopeNames]);
  const nameOf = (scope: string): string => canonical.get(scope) ?? scope;
  const covered = new Set(granted.map(nameOf));
  // A set's iterator also visits what is added on the way.
  for (const scope of covered)
    for (const [whole, parts] of scopeContains)
      if (nameOf(whole) === scope) for (const part of parts) covered.add(nameOf(part));
  return requested.filter((scope) => {
    if (scope === 'openid' || (hasIdToken && claimScopes.has(scope))) return false;
    return scope === 'offline_access' ? !hasRefreshToken : !covered.has(nameOf(scope));
  });
}

function canonicalNames(lists: readonly ReadonlyMap<string, readonly string[]>[]): Map<string, string> {
  const names = lists.flatMap((list) =>
    [...list].flatMap(([scope, others]) => others.map((other) => [other, scope] as const)),
  );
  return new Map(names.reverse());
}
