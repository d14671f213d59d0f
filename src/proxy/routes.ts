import { usualMethods } from '../http/methods.js';

/** A line of `api.allow` in a provider file. `path`: exact, `/*` is one segment, `/**` is any number of them, also none. */
export interface AllowRule {
  readonly methods: readonly string[];
  readonly path: string;
}

export type RouteRefusal = { code: 'route_not_allowed' } | { code: 'method_not_allowed'; allow: string[] };

/**
 * Whether the provider file lists this call; without a list the usual methods are allowed on every path. `path` is the raw
 * path below the base URL and is compared once decoded; one with a segment that is not plain matches no route.
 * A rule for GET does not admit HEAD: what is not written is not allowed.
 */
export function routeRefusal(
  allow: readonly AllowRule[] | null | undefined,
  method: string,
  path: string,
): RouteRefusal | undefined {
  const allowed = allowedMethods(allow, path);
  if (allowed.includes(method)) return undefined;
  return allowed.length === 0 ? { code: 'route_not_allowed' } : { code: 'method_not_allowed', allow: [...allowed] };
}

/**
 * The methods that a path may be called with, in the order of the file. TRACE would echo the token back to the caller and
 * CONNECT is no API call, so that no list can admit them (RFC 9110 sections 9.3.6 and 9.3.8).
 */
export function allowedMethods(allow: readonly AllowRule[] | null | undefined, path: string): readonly string[] {
  if (allow == null) return usualMethods;
  const segments = plainSegments(path);
  if (segments === undefined) return [];
  const methods = new Set<string>();
  for (const rule of allow) {
    if (!matches(patternOf(rule), segments)) continue;
    for (const method of rule.methods) if (method !== 'TRACE' && method !== 'CONNECT') methods.add(method);
  }
  return [...methods];
}

/** The decoded segments, or undefined where one of them could mean another segment to the API than it does here. */
function plainSegments(path: string): string[] | undefined {
  let segments: string[];
  try {
    segments = path.includes('%') ? path.split('/').map(decodeURIComponent) : path.split('/');
  } catch {
    return undefined;
  }
  return segments.every(isPlain) ? segments : undefined;
}

const ordinary = /^[\w~@!$&'()*+,=-][\w.~@!$&'()*+,=:-]*(?<!\.)$/;
/** Separators, path parameters, control and format characters, and spaces other than the usual one. */
const ambiguous = /[/\\;?#\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?! )\p{Zs}/u;
/** What a system that compares more loosely cuts off, and what one that decodes once more would decode. */
const altered = /^ |[. ]$|%[0-9a-f]{2}/i;
const separators = /[./\\;%?#:]/g;

function isPlain(segment: string): boolean {
  if (segment === '' || ordinary.test(segment)) return true;
  if (ambiguous.test(segment) || altered.test(segment)) return false;
  // Full-width forms and the like, which some systems take for the character that they resemble.
  const folded = segment.normalize('NFKC').replace(/[\u3002\u2044\u2215\u29f5\u29f8]/g, '/');
  return folded === segment || (folded.match(separators)?.length ?? 0) === (segment.match(separators)?.length ?? 0);
}

const patterns = new WeakMap<AllowRule, readonly string[]>();

function patternOf(rule: AllowRule): readonly string[] {
  const known = patterns.get(rule);
  if (known !== undefined) return known;
  const pattern = rule.path.split('/');
  patterns.set(rule, pattern);
  return pattern;
}

/** Segments against a pattern. Only the latest `**` is ever reconsidered, so that no path makes this slow. */
function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  let anyAt = -1;
  let anyFrom = 0;
  while (next < segments.length) {
    const wanted = pattern[at];
    if (wanted === '**') {
      anyAt = at;
      anyFrom = next;
      at += 1;
    } else if (wanted !== undefined && (wanted === '*' ? segments[next] !== '' : wanted === segments[next])) {
      at += 1;
      next += 1;
    } else if (anyAt !== -1) {
      anyFrom += 1;
      next = anyFrom;
      at = anyAt + 1;
    } else return false;
  }
  while (pattern[at] === '**') at += 1;
  return at === pattern.length;
}
