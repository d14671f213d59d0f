/** Where a provider's API lies, and where callers see it. */
export interface AddressMap {
  /** The base URL of the API. */
  readonly baseUrl: URL;
  /** `/proxy/acme` below PUBLIC_URL, as an absolute URL or a path, without a slash at the end. */
  readonly publicPrefix: string;
  /** Hosts, with a port where it is not the usual one, that a Location may name besides the API itself. */
  readonly redirectHosts: readonly string[];
}

/** What a reference in an upstream's header points at, as a caller should see it. */
export type SeenTarget =
  { kind: 'below_base'; address: string } | { kind: 'elsewhere'; address: string; url: URL } | { kind: 'unusable' };

/**
 * Resolves a reference against the upstream address of the call and translates it: what lies below the base URL becomes
 * an address below the proxy route. `path` is the upstream's request path.
 */
export function seenTarget(reference: string, path: string, map: AddressMap): SeenTarget {
  const url = resolve(reference, path, map.baseUrl);
  if (url === undefined) return { kind: 'unusable' };
  const rest = belowBase(url, map.baseUrl);
  if (rest === undefined) return { kind: 'elsewhere', address: url.href, url };
  return { kind: 'below_base', address: map.publicPrefix + rest + url.search + url.hash };
}

/**
 * A Location or Content-Location for the caller, or undefined where it must not be followed: another host that the
 * provider file does not list, one with credentials in it, or the API's own host outside the base URL.
 */
export function seenLocation(value: string, path: string, map: AddressMap): string | undefined {
  const seen = seenTarget(value, path, map);
  if (seen.kind === 'below_base') return seen.address;
  if (seen.kind === 'unusable') return undefined;
  const { url } = seen;
  const secureEnough = url.protocol === 'https:' || url.protocol === map.baseUrl.protocol;
  const listed = map.redirectHosts.some((host) => host.toLowerCase() === url.host);
  return listed && secureEnough && url.username === '' && url.password === '' ? seen.address : undefined;
}

function resolve(reference: string, path: string, baseUrl: URL): URL | undefined {
  // Header bytes are Latin-1 here; a server that writes more than ASCII into an address means UTF-8.
  const text = /[\x80-\xff]/.test(reference) ? Buffer.from(reference, 'latin1').toString('utf8') : reference;
  try {
    const url = new URL(text, new URL(baseUrl.origin + path));
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The path below the base URL: empty for the base itself, otherwise with a leading slash. */
function belowBase(url: URL, baseUrl: URL): string | undefined {
  if (url.origin !== baseUrl.origin) return undefined;
  const base = baseUrl.pathname.endsWith('/') ? baseUrl.pathname.slice(0, -1) : baseUrl.pathname;
  if (!url.pathname.startsWith(base)) return undefined;
  const rest = url.pathname.slice(base.length);
  return rest === '' || rest.startsWith('/') ? rest : undefined;
}
