import type { Configuration } from '../../config/configuration.js';
import { GatehouseError } from '../../errors.js';
import type { SentParameters } from './parameters.js';

/** Characters of a return_to at most. A longer one counts as none, and the person comes back to the home page. */
const maxReturnTo = 2048;

/**
 * The one check of every address that this server redirects a person to. Returns the absolute URL to use, or undefined
 * where the value leads, or could lead, anywhere but to our own origin or an allowed one. Absolute, because a path that
 * begins with two slashes is another host's address as soon as it stands alone; such a path is refused for that reason, also
 * behind the path of PUBLIC_URL, which a proxy may have taken away.
 */
export function safeReturnTo(value: string, publicUrl: URL, allowedOrigins: readonly string[]): string | undefined {
  const looksRight = /^\/(?![/\\])/.test(value.replace(/[\t\r\n]/g, '')) || /^https?:\/\/[^/\\]/i.test(value);
  if (!looksRight || value.length > maxReturnTo || !URL.canParse(value, publicUrl.origin)) return undefined;
  const url = new URL(value, publicUrl.origin);
  const { pathname } = url;
  const basePath = publicUrl.pathname.replace(/\/+$/, '');
  const stripped = pathname.startsWith(basePath) ? pathname.slice(basePath.length) : '';
  if (ambiguousStart.test(pathname) || ambiguousStart.test(stripped)) return undefined;
  const home = url.origin === publicUrl.origin || allowedOrigins.includes(url.origin);
  return home && url.username === '' && url.password === '' ? url.href : undefined;
}

/** The parameter `return_to`, safe to redirect to; undefined where it was not sent. Throws GatehouseError invalid_return_to. */
export function checkedReturnTo(
  { publicUrl, allowedOrigins }: Pick<Configuration, 'publicUrl' | 'allowedOrigins'>,
  parameters: SentParameters,
  provider?: string,
): string | undefined {
  const [value, ...more] = parameters.get('return_to') ?? [];
  if (value === undefined || (more.length === 0 && value.length > maxReturnTo)) return undefined;
  const returnTo = more.length === 0 ? safeReturnTo(value, publicUrl, allowedOrigins) : undefined;
  if (returnTo !== undefined) return returnTo;
  const detail = 'Give a path of this application, such as /app/page, or an address whose origin is allowed.';
  throw new GatehouseError('invalid_return_to', `Nothing was done. ${detail}`, provider);
}

/** What a program that takes the path alone reads as the address of another host. */
const ambiguousStart = /^\/[/\\]/;

/**
 * The address with the outcome added to its query; what it already holds stays as it was written, except for an earlier
 * outcome, which nobody shall take for this one.
 */
export function withOutcome(returnTo: string, outcome: Readonly<Record<string, string>>): string {
  const url = new URL(returnTo);
  const earlier = url.searchParams.has('connected') ? ['connection'] : [];
  const replaced = new Set(['connected', 'connect_error', ...earlier, ...Object.keys(outcome)]);
  const pairs = url.search === '' ? [] : url.search.slice(1).split('&');
  const kept = pairs.filter((pair) => ![...new URLSearchParams(pair).keys()].some((name) => replaced.has(name)));
  url.search = [...kept, new URLSearchParams(outcome).toString()].join('&');
  return url.href;
}
