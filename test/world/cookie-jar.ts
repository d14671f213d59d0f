export interface Cookie {
  name: string;
  value: string;
  /** Host without port: cookies do not tell ports apart (RFC 6265 section 8.5). */
  host: string;
  /** False when a Domain attribute opened it to subdomains. */
  hostOnly: boolean;
  path: string;
  /** Milliseconds since the epoch; absent for a session cookie. */
  expiresAt?: number;
  secure: boolean;
  httpOnly: boolean;
  /** Recorded, never enforced: no protection of the server may rest on it alone. */
  sameSite?: string;
  /** The Set-Cookie line it came from. */
  line: string;
}

export interface CookieJar {
  /** Reads one Set-Cookie line as a browser does; returns whether the cookie was accepted (RFC 6265 section 5.3). */
  receive(line: string, url: URL): boolean;
  /** The Cookie header for a request, undefined when nothing matches (RFC 6265 section 5.4). */
  header(url: URL): string | undefined;
  matching(url: URL): Cookie[];
  all(): Cookie[];
  put(cookie: Cookie): void;
  clear(): void;
}

function attributesOf(parts: readonly string[]): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const part of parts) {
    const [name = '', ...rest] = part.split('=');
    attributes.set(name.trim().toLowerCase(), rest.join('=').trim());
  }
  return attributes;
}

function expiry(attributes: Map<string, string>, now: number): number | undefined {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0 ? 0 : now + Number(maxAge) * 1000;
  const date = Date.parse(attributes.get('expires') ?? '');
  return Number.isNaN(date) ? undefined : date;
}

function defaultPath(url: URL): string {
  const end = url.pathname.lastIndexOf('/');
  return end <= 0 ? '/' : url.pathname.slice(0, end);
}

function pathMatches(requested: string, path: string): boolean {
  return requested === path || (requested.startsWith(path) && (path.endsWith('/') || requested[path.length] === '/'));
}

function hostMatches(host: string, cookie: Cookie): boolean {
  return host === cookie.host || (!cookie.hostOnly && host.endsWith(`.${cookie.host}`));
}

/** The rules that the name prefixes stand for; a browser drops a cookie that breaks them. */
function prefixHolds(cookie: Cookie): boolean {
  if (cookie.name.startsWith('__Host-')) return cookie.secure && cookie.hostOnly && cookie.path === '/';
  return !cookie.name.startsWith('__Secure-') || cookie.secure;
}

export function parseSetCookie(line: string, url: URL, now: number): Cookie | undefined {
  const [pair = '', ...parts] = line.split(';');
  const equals = pair.indexOf('=');
  if (equals < 1) return undefined;
  const attributes = attributesOf(parts);
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase();
  if (domain && domain !== url.hostname && !url.hostname.endsWith(`.${domain}`)) return undefined;
  const path = attributes.get('path');
  const expiresAt = expiry(attributes, now);
  const sameSite = attributes.get('samesite');
  return {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
    host: domain ?? url.hostname,
    hostOnly: !domain,
    path: path?.startsWith('/') ? path : defaultPath(url),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    line,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(sameSite === undefined ? {} : { sameSite }),
  };
}

/** `secureContext`: plain http counts as secure, as browsers treat it on localhost. */
export function createCookieJar({
  secureContext = false,
  now = Date.now,
}: { secureContext?: boolean; now?: () => number } = {}): CookieJar {
  const cookies = new Map<string, Cookie>();
  const isSecure = (url: URL) => secureContext || url.protocol === 'https:';
  const put = (cookie: Cookie) => cookies.set([cookie.host, cookie.path, cookie.name].join('\n'), cookie);
  const all = () => [...cookies.values()].filter((cookie) => (cookie.expiresAt ?? Infinity) > now());
  const matching = (url: URL) =>
    all()
      .filter((cookie) => hostMatches(url.hostname, cookie) && pathMatches(url.pathname, cookie.path))
      .filter((cookie) => !cookie.secure || isSecure(url))
      .sort((a, b) => b.path.length - a.path.length);
  return {
    receive(line, url) {
      const cookie = parseSetCookie(line, url, now());
      if (!cookie || !prefixHolds(cookie) || (cookie.secure && !isSecure(url))) return false;
      put(cookie);
      return true;
    },
    header: (url) =>
      matching(url)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ') || undefined,
    matching,
    all,
    put,
    clear: () => cookies.clear(),
  };
}
