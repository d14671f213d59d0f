/**
 * Resolves a reference against the upstream address of the call and translates it: what lies below the base URL becomes
 * an address below the proxy route. `path` is the upstream's request path.
 */
export function seenTarget(reference, path, map) {
    const url = resolve(reference, path, map.baseUrl);
    if (url === undefined)
        return { kind: 'unusable' };
    const rest = belowBase(url, map.baseUrl);
    if (rest === undefined)
        return { kind: 'elsewhere', address: url.href, url };
    return { kind: 'below_base', address: map.publicPrefix + rest + url.search + url.hash };
}
/**
 * A Location or Content-Location for the caller, or undefined where it must not be followed: another host that the
 * provider file does not list, one with credentials in it, or the API's own host outside the base URL.
 */
export function seenLocation(value, path, map) {
    const seen = seenTarget(value, path, map);
    if (seen.kind === 'below_base')
        return seen.address;
    if (seen.kind === 'unusable')
        return undefined;
    const { url } = seen;
    const secureEnough = url.protocol === 'https:' || url.protocol === map.baseUrl.protocol;
    const listed = map.redirectHosts.some((host) => host.toLowerCase() === url.host);
    return listed && secureEnough && url.username === '' && url.password === '' ? seen.address : undefined;
}
function resolve(reference, path, baseUrl) {
    // Header bytes are Latin-1 here; a server that writes more than ASCII into an address means UTF-8.
    const text = /[\x80-\xff]/.test(reference) ? Buffer.from(reference, 'latin1').toString('utf8') : reference;
    try {
        const url = new URL(text, new URL(baseUrl.origin + path));
        return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
    }
    catch {
        return undefined;
    }
}
/** The path below the base URL: empty for the base itself, otherwise with a leading slash. */
function belowBase(url, baseUrl) {
    if (url.origin !== baseUrl.origin)
        return undefined;
    const base = baseUrl.pathname.endsWith('/') ? baseUrl.pathname.slice(0, -1) : baseUrl.pathname;
    if (!url.pathname.startsWith(base))
        return undefined;
    const rest = url.pathname.slice(base.length);
    return rest === '' || rest.startsWith('/') ? rest : undefined;
}
