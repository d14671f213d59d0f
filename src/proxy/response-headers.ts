import { canonicalName, connectionListed, hopByHop } from './header-names.js';
import { seenLinks } from './link-header.js';
import { seenLocation, type AddressMap } from './public-address.js';
import { UnknownCoding } from './upstream-error.js';

/**
 * What an upstream may not say on our origin: it sets no cookies, decides nothing about the origin's policies, asks for
 * no credentials, and steers no server in front of us. Everything else passes as it came.
 */
const dropped: ReadonlySet<string> = new Set([
  ...hopByHop,
  'accept-ch',
  'accept-ch-lifetime',
  'activate-storage-access',
  'alt-svc',
  'alt-used',
  'authentication-info',
  'cache-tag',
  'cache-tags',
  'clear-site-data',
  'content-security-policy',
  'content-security-policy-report-only',
  'critical-ch',
  'document-isolation-policy',
  'document-policy',
  'document-policy-report-only',
  'early-data',
  'expect-ct',
  'feature-policy',
  'idp-signin-status',
  'integrity-policy',
  'integrity-policy-report-only',
  'nel',
  'no-vary-search',
  'observe-browsing-topics',
  'origin-agent-cluster',
  'origin-trial',
  'permissions-policy',
  'permissions-policy-report-only',
  'public-key-pins',
  'public-key-pins-report-only',
  'referrer-policy',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'require-document-policy',
  'service-worker-allowed',
  'service-worker-navigation-preload',
  'set-cookie',
  'set-cookie2',
  'set-login',
  'sourcemap',
  'speculation-rules',
  'strict-transport-security',
  'supports-loading-mode',
  'timing-allow-origin',
  'use-as-dictionary',
  'via',
  'www-authenticate',
  'x-cache-tag',
  'x-cache-tags',
  'x-content-security-policy',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-powered-by',
  'x-reproxy-url',
  'x-sendfile',
  'x-sendfile2',
  'x-sourcemap',
  'x-ua-compatible',
  'x-webkit-csp',
  'x-xss-protection',
  'xkey',
]);

/**
 * The first six are policies of the origin and what is Gatehouse's own. The others command servers and caches in front: nginx,
 * Envoy, LiteSpeed, lighttpd, Varnish, content delivery networks. X-Accel-Buffering alone is harmless and useful.
 */
const droppedPrefixes = [
  'access-control-',
  'attribution-reporting-',
  'cross-origin-',
  'proxy-',
  'sec-',
  'x-gatehouse-',
  'akamai-',
  'cdn-',
  'edge-',
  'fastly-',
  'surrogate-',
  'x-accel-',
  'x-akamai-',
  'x-edge-',
  'x-envoy-',
  'x-fastly-',
  'x-lighttpd-',
  'x-litespeed-',
  'x-lsadc-',
  'x-lscache',
  'x-varnish-',
];

/** Proxied content is served from our origin, so that it gets no script, no frame and no origin of its own. */
const ours: readonly string[] = [
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "sandbox; default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy',
  'same-origin',
  'Cross-Origin-Resource-Policy',
  'same-origin',
];

/** Words for one kind of cache in front of us, such as CDN-Cache-Control, go before Cache-Control there (RFC 9213 section 2). */
const targetedCacheControl = '-cache-control';

type Disposition = 'pass' | 'drop' | 'request_id' | 'cache' | 'expires' | 'location' | 'link' | 'length' | 'coding';

/** Names are few and repeat with every answer, so that the decision is remembered by spelling, up to a bound. */
const dispositions = new Map<string, Disposition>();
const rememberedNames = 1000;

function dispositionOf(name: string): Disposition {
  const known = dispositions.get(name);
  if (known !== undefined) return known;
  const disposition = decide(canonicalName(name), name.toLowerCase());
  if (dispositions.size < rememberedNames) dispositions.set(name, disposition);
  return disposition;
}

/**
 * `name` in its one spelling, since programs may read `X_Gatehouse_Error` as the other; what frames the body is only read
 * as it was `spelt`. X-Request-Id is ours, so that it always leads to our log; the provider's, which its support asks for,
 * goes on under a name of its own.
 */
function decide(name: string, spelt: string): Disposition {
  if (name === 'cache-control') return 'cache';
  if (name === 'expires' || name === 'pragma' || name === 'age') return 'expires';
  if (name === 'location' || name === 'content-location') return 'location';
  if (name === 'x-request-id') return 'request_id';
  if (name === 'link') return 'link';
  if (name === 'content-length') return spelt === name ? 'length' : 'drop';
  if (spelt === 'transfer-encoding') return 'coding';
  if (name === 'x-accel-buffering') return 'pass';
  if (dropped.has(name) || name.endsWith(targetedCacheControl)) return 'drop';
  return droppedPrefixes.some((prefix) => name.startsWith(prefix)) ? 'drop' : 'pass';
}

export interface ResponseHeaderRules extends AddressMap {
  /** The upstream's request path, which relative references in the answer belong to. */
  readonly path: string;
  /** `no-store`, or `private`: the browser alone may keep it, as long as the upstream says and the cookie is the same. */
  readonly cache: 'no-store' | 'private';
  /**
   * Header names that a page of another allowed origin may read, in a line of CORS: to them come the names of all that the
   * upstream sends. Absent: the caller is no such page.
   */
  readonly exposedHeaders?: string | undefined;
  /** Added at the end, flat, such as CORS headers and the request id. */
  readonly extraResponseHeaders?: readonly string[] | undefined;
}

/**
 * The upstream's headers as the caller gets them, flat, in the upstream's order and spelling, ours after them. Throws
 * UnknownCoding for a transfer coding that is not undone on the way.
 */
export function responseHeaders(raw: readonly string[], status: number, rules: ResponseHeaderRules): string[] {
  const listed = connectionListed(raw);
  const headers: string[] = [];
  let upstreamCache = '';
  let coded = false;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const value = raw[at + 1] ?? '';
    const disposition = dispositionOf(name);
    if (disposition === 'coding') {
      // Undone is `chunked` in just this form; what is left of another one would pass for the content (RFC 9112 section 6.1).
      if (coded || !/^(chunked *|identity)$/i.test(value)) throw new UnknownCoding();
      coded = true;
      continue;
    }
    if (disposition === 'drop' || listed?.has(name.toLowerCase()) === true) continue;
    if (disposition === 'cache') upstreamCache += upstreamCache === '' ? value : `, ${value}`;
    else if (disposition === 'pass') headers.push(name, value);
    else if (disposition === 'request_id') headers.push('X-Upstream-Request-Id', value);
    else if (disposition === 'length') {
      // No content and no length in a 204 (RFC 9110 section 8.6).
      if (status !== 204) headers.push(name, value);
    } else if (disposition === 'expires') {
      if (rules.cache === 'private') headers.push(name, value);
    } else {
      const seen =
        disposition === 'link' ? seenLinks(value, rules.path, rules) : seenLocation(value, rules.path, rules);
      if (seen !== undefined) headers.push(name, seen);
    }
  }
  if (rules.exposedHeaders !== undefined)
    headers.push('Access-Control-Expose-Headers', exposedNames(rules.exposedHeaders, headers));
  // What a program of ours was given must not open as a document: a navigation carries no X-CSRF.
  if (rules.cache === 'private') headers.push('Cache-Control', privately(upstreamCache), 'Vary', cacheKey);
  else headers.push('Cache-Control', 'no-store');
  headers.push(...ours);
  if (rules.extraResponseHeaders !== undefined) headers.push(...rules.extraResponseHeaders);
  return headers;
}

const cacheKey = 'Cookie, X-CSRF, Sec-Fetch-Dest';

/** The names of everything that passes, each once: whatever an API uses for limits, paging and ids, however it is written. */
function exposedNames(own: string, headers: readonly string[]): string {
  const names = new Map(own.split(', ').map((name) => [name.toLowerCase(), name]));
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return [...names.values()].join(', ');
}

const keptDirectives =
  /^(max-age=\d+|no-cache|no-store|no-transform|must-revalidate|must-understand|immutable|stale-(while-revalidate|if-error)=\d+)$/;

/** What the upstream says about freshness, without what it says to shared caches (RFC 9111 section 5.2.2). */
function privately(upstream: string): string {
  const directives = upstream.toLowerCase().split(',').map(directive);
  if (directives.includes('no-store')) return 'no-store';
  return ['private', ...directives.filter((text) => keptDirectives.test(text))].join(', ');
}

/** `no-cache="X-A"` and `max-age="5"` are read as the directive without quotation marks or field names. */
function directive(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith('no-cache=') ? 'no-cache' : trimmed.replaceAll('"', '');
}
