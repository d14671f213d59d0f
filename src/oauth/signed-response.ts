import { createHmac } from 'node:crypto';
import { isSameSecret } from '../is-same-secret.js';
import type { Provider } from '../providers/provider.js';

/**
 * Whether the parameters of the way back are signed with the client secret: an HMAC-SHA256 over all others, sorted by name, as a
 * query. Servers differ in whether they encode the values; for those that come it is mostly the same.
 */
export function isSigned(
  response: Readonly<Partial<Record<string, string>>>,
  { callback, clientSecret }: Provider,
): boolean {
  if (!callback) return true;
  const { parameter, encoding } = callback.hmac;
  const { [parameter]: given = '', ...others } = response;
  const pairs = Object.entries(others)
    .map(([name, value = '']): [string, string] => [name, value])
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const plain = pairs.map((pair) => pair.join('=')).join('&');
  const encoded = new URLSearchParams(pairs).toString();
  const signatures = [plain, encoded].map((text) =>
    createHmac('sha256', clientSecret ?? '')
      .update(text)
      .digest(encoding),
  );
  const presented = encoding === 'hex' ? given.toLowerCase() : given;
  return clientSecret !== undefined && signatures.some((signature) => isSameSecret(presented, signature));
}
