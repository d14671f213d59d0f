import type { IncomingMessage } from 'node:http';
import { isNeverForwarded, isReservedHeader, passedRequestHeaders } from '../providers/reserved-headers.js';
import { canonicalName, connectionListed } from './header-names.js';

/** Of these the first counts and a repetition is dropped: two values would leave it to the upstream which one to read. */
const singular: ReadonlySet<string> = new Set([
  'content-type',
  'idempotency-key',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'range',
  'traceparent',
  'user-agent',
]);

export interface RequestHeaderRules {
  /** Headers of the provider file (and the organization's), set last. A caller's header of that name is dropped. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `forward_request_headers` of the provider file, in lower case. */
  readonly forwardRequestHeaders: ReadonlySet<string>;
  /** The whole value, such as `Bearer …`; the token itself where it goes into the query. */
  readonly authorization: string;
  /** The header that carries it (Authorization); null: none does. */
  readonly tokenHeader?: string | null | undefined;
  /** traceparent and tracestate, flat, instead of the caller's; absent: the caller's pass as they came. */
  readonly trace?: readonly string[] | undefined;
}

/**
 * The caller's headers as the upstream gets them, flat as they came: those on the list, minus what Connection names,
 * then the fixed ones, then exactly one Authorization. Content-Length is not among them; the sender of the body knows it.
 */
export function requestHeaders(raw: readonly string[], rules: RequestHeaderRules): string[] {
  const listed = connectionListed(raw);
  const headers: string[] = [];
  let seen: Set<string> | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const original = raw[at] ?? '';
    const name = original.toLowerCase();
    if (!isPassed(name, rules, listed)) continue;
    if (singular.has(name)) {
      seen ??= new Set();
      if (seen.has(name)) continue;
      seen.add(name);
    }
    headers.push(original, raw[at + 1] ?? '');
  }
  for (const [name, value] of rules.headers) if (!isReservedHeader(name)) headers.push(name, value);
  if (rules.trace !== undefined) headers.push(...rules.trace);
  if (rules.tokenHeader !== null) headers.push(rules.tokenHeader ?? 'Authorization', rules.authorization);
  return headers;
}

type PassingRules = Pick<RequestHeaderRules, 'headers' | 'forwardRequestHeaders' | 'trace'>;

function isPassed(name: string, rules: PassingRules, listed: ReadonlySet<string> | undefined): boolean {
  if (!passedRequestHeaders.has(name) && !isForwarded(name, rules.forwardRequestHeaders)) return false;
  if (listed?.has(name) === true || isFixed(name, rules.headers)) return false;
  return rules.trace === undefined || (name !== 'traceparent' && name !== 'tracestate');
}

/** What every request has for this connection alone: nobody misses it at the API. */
const framing: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'host', 'transfer-encoding'],
  ...['traceparent', 'tracestate'],
]);

/** The names of the caller's headers that do not reach the API, each once, for a line of the log. */
export function droppedHeaders(raw: readonly string[], rules: PassingRules): string[] {
  const listed = connectionListed(raw);
  const names = new Set<string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    if (!framing.has(name) && !isPassed(name, rules, listed)) names.add(name);
  }
  return [...names];
}

function isForwarded(name: string, forward: ReadonlySet<string>): boolean {
  return forward.has(name) && !isNeverForwarded(name);
}

function isFixed(name: string, fixed: RequestHeaderRules['headers']): boolean {
  return fixed.some(([other]) => other.length === name.length && canonicalName(other) === canonicalName(name));
}

/** How many more servers an OPTIONS may pass, where it says so (RFC 9110 section 7.6.2). TRACE never gets this far. */
export function forwardsLeft(req: IncomingMessage): number | undefined {
  if (req.method !== 'OPTIONS') return undefined;
  const stated = req.headers['max-forwards'];
  return typeof stated === 'string' && /^\d{1,6}$/.test(stated) ? Number(stated) : undefined;
}

/** All headers of one call. `length`: the Content-Length of a body that is streamed, where the caller stated one. */
export function callHeaders(
  req: IncomingMessage,
  { headers: fixed, forwardRequestHeaders, trace, tokenHeader }: Omit<RequestHeaderRules, 'authorization'>,
  authorization: string,
  length: number | undefined,
): string[] {
  const headers = requestHeaders(req.rawHeaders, {
    headers: fixed,
    forwardRequestHeaders,
    authorization,
    tokenHeader,
    trace,
  });
  if (length !== undefined) headers.push('Content-Length', String(length));
  const forwards = forwardsLeft(req);
  if (forwards !== undefined) headers.push('Max-Forwards', String(forwards - 1));
  return headers;
}
