/** Headers that belong to one connection and never travel further (RFC 9110 section 7.6.1). */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** One spelling per header: servers that hand headers to programs as variables cannot tell `X_Network` from `X-Network`. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** What no provider file sets: the token is the only authorization, and framing and routing are not a matter of headers. */
const never: ReadonlySet<string> = new Set([
  ...hopByHop,
  'authorization',
  'content-length',
  'cookie',
  'expect',
  'host',
  'max-forwards',
]);

/** What no provider file admits from a caller: besides those, identity, and what stands in for method or path. */
const neverForwarded: ReadonlySet<string> = new Set([
  ...never,
  'cookie2',
  'forwarded',
  'origin',
  'referer',
  'set-cookie',
  'via',
  'x-csrf',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
]);

const neverForwardedPrefixes = ['proxy-', 'sec-', 'x-forwarded-', 'x-gatehouse-'];

/** Whether `api.headers` and `organizations.header` may not name this header, however it is spelt. */
export function isReservedHeader(name: string): boolean {
  const canonical = canonicalName(name);
  return never.has(canonical) || canonical.startsWith('proxy-');
}

/** Whether `api.forward_request_headers` may not name this header, however it is spelt. */
export function isNeverForwarded(name: string): boolean {
  const canonical = canonicalName(name);
  return neverForwarded.has(canonical) || neverForwardedPrefixes.some((prefix) => canonical.startsWith(prefix));
}

/**
 * What a caller may say to every upstream: content negotiation, conditions, ranges, the body's description, tracing.
 * Everything else stays here, a Via of our own included: to the upstream we are the client, not a hop.
 */
export const passedRequestHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'pragma',
  'prefer',
  'range',
  'traceparent',
  'tracestate',
  'user-agent',
]);
