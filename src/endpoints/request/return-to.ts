/**
 * The one check of every address that this server redirects a person to. Answers the absolute URL to use, or undefined
 * where the value leads, or could lead, anywhere but to our own origin or an allowed one. Absolute, because a path that
 * begins with two slashes is another host's address as soon as it stands alone.
 */
export function safeReturnTo(value: string, publicUrl: URL, allowedOrigins: readonly string[]): string | undefined {
  const looksRight = /^\/(?![/\\])/.test(value.replace(/[\t\r\n]/g, '')) || /^https?:\/\/[^/\\]/i.test(value);
  if (!looksRight || value.length > 2048 || !URL.canParse(value, publicUrl.origin)) return undefined;
  const url = new URL(value, publicUrl.origin);
  const home = url.origin === publicUrl.origin || allowedOrigins.includes(url.origin);
  return home && url.username === '' && url.password === '' ? url.href : undefined;
}

/**
 * The address with the outcome added to its query; what it already holds stays as it was written, except for an earlier
 * outcome, which nobody shall take for this one.
 */
export function withOutcome(returnTo: string, outcome: Readonly<Record<string, string>>): string {
  const url = new URL(returnTo);
  const replaced = new Set(['connected', 'connect_error', ...Object.keys(outcome)]);
  const pairs = url.search === '' ? [] : url.search.slice(1).split('&');
  const kept = pairs.filter((pair) => ![...new URLSearchParams(pair).keys()].some((name) => replaced.has(name)));
  url.search = [...kept, new URLSearchParams(outcome).toString()].join('&');
  return url.href;
}
