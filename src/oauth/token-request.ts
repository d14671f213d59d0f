import type { CustomFetchOptions } from 'openid-client';
import type { Provider } from '../providers/provider.js';

/** A request as it goes to a token endpoint. */
export interface WrittenRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Values of the provider file's headers: a server may repeat them, and no log may hold them. */
  secrets: readonly string[];
}

type Rules = Provider['token']['request'];

const plain: Pick<Rules, 'format' | 'headers' | 'names'> = { format: 'form', headers: {}, names: new Map() };

/**
 * The request of RFC 6749 that openid-client put together, written as the provider file says: with further parameters, under
 * other names, and as a form, as JSON or in the query.
 */
export function writeTokenRequest(
  address: string,
  { headers, body }: CustomFetchOptions,
  { format, headers: own, names }: typeof plain = plain,
  more: Readonly<Record<string, string>> = {},
): WrittenRequest {
  const standard = body instanceof URLSearchParams ? [...body] : [];
  const parameters = new Map(
    [...standard, ...Object.entries(more)].map(([name, value]) => [names.get(name) ?? name, value]),
  );
  return writeParameters(
    address,
    parameters,
    format,
    { ...headers, accept: 'application/json', ...own },
    Object.values(own),
  );
}

/** Parameters as a form, as one JSON object, or in the query of an address. */
export function writeParameters(
  address: string,
  parameters: ReadonlyMap<string, string>,
  format: Rules['format'],
  headers: Readonly<Record<string, string>>,
  secrets: readonly string[] = [],
): WrittenRequest {
  const { 'content-type': form = 'application/x-www-form-urlencoded', ...rest } = headers;
  if (format === 'json') {
    const written = JSON.stringify(Object.fromEntries(parameters));
    return { url: address, headers: { ...rest, 'content-type': 'application/json' }, body: written, secrets };
  }
  const pairs = new URLSearchParams([...parameters]);
  if (format === 'form')
    return { url: address, headers: { ...rest, 'content-type': form }, body: pairs.toString(), secrets };
  const url = new URL(address);
  for (const [name, value] of pairs) url.searchParams.set(name, value);
  return { url: url.href, headers: rest, body: '', secrets };
}
