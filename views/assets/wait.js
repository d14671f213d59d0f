/* How long a provider asks to be left alone. Knows nothing of the page; the server uses it, too. */

const day = 86_400;

/**
 * Seconds, from Retry-After (RFC 9110 section 10.2.3) or the headers in which limits are told instead, whose resets are written
 * as seconds from now or since the epoch; undefined where none says.
 * @param {Headers} headers
 * @param {number} now milliseconds since the epoch
 */
export function waitOf(headers, now) {
  const said = headers.get('retry-after');
  if (said !== null) {
    const seconds = /^\d+$/.test(said) ? Number(said) : Math.ceil((Date.parse(said) - now) / 1000);
    return within(seconds);
  }
  for (const name of ['x-rate-limit-reset', 'x-ratelimit-reset', 'ratelimit-reset']) {
    const reset = headers.get(name);
    if (reset === null || !/^\d+$/.test(reset)) continue;
    return within(Number(reset) > 1e9 ? Number(reset) - Math.floor(now / 1000) : Number(reset));
  }
  return undefined;
}

/** @param {number} seconds */
function within(seconds) {
  return seconds >= 0 && seconds <= 31 * day ? Math.max(1, Math.round(seconds)) : undefined;
}
