import { getPublicSuffix } from 'tldts';

/**
 * Whether everybody can have a host directly below this one: a public suffix (publicsuffix.org), or one below which every
 * label is a public suffix. `private`: such as `github.io`, which a company has put on the list for its own customers.
 */
export function isPublicSuffix(host: string, { private: allowPrivateDomains }: { private: boolean }): boolean {
  const below = `a-label.${host}`;
  return [host, below].some((each) => getPublicSuffix(each, { allowPrivateDomains }) === each);
}
