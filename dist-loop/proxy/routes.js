const forwardable = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/**
 * Whether the provider file lists this call; without a list everything is allowed. `path` is the raw path below the
 * base URL and is compared once decoded; one that holds an encoded slash or backslash matches no route.
 * A rule for GET does not admit HEAD: what is not written is not allowed. TRACE would echo the token back to the caller
 * and CONNECT is no API call, so that no list can admit them (RFC 9110 sections 9.3.6 and 9.3.8).
 */
export function routeRefusal(allow, method, path) {
    const listed = allow == null ? undefined : methodsFor(allow, path);
    if (listed?.length === 0)
        return { code: 'route_not_allowed' };
    const never = method === 'TRACE' || method === 'CONNECT';
    if (!never && (listed === undefined || listed.includes(method)))
        return undefined;
    return {
        code: 'method_not_allowed',
        allow: (listed ?? forwardable).filter((name) => name !== 'TRACE' && name !== 'CONNECT'),
    };
}
/** The methods of every rule whose path matches, each once, in the order of the file. */
function methodsFor(allow, path) {
    const segments = decodedSegments(path);
    if (segments === undefined)
        return [];
    const methods = new Set();
    for (const rule of allow) {
        if (!matches(patternOf(rule), segments))
            continue;
        for (const method of rule.methods)
            methods.add(method);
    }
    return [...methods];
}
function decodedSegments(path) {
    if (!path.includes('%'))
        return path.split('/');
    if (/%(2f|5c)/i.test(path))
        return undefined;
    try {
        return path.split('/').map(decodeURIComponent);
    }
    catch {
        return undefined;
    }
}
const patterns = new WeakMap();
function patternOf(rule) {
    const known = patterns.get(rule);
    if (known !== undefined)
        return known;
    const pattern = rule.path.split('/');
    patterns.set(rule, pattern);
    return pattern;
}
/** Segments against a pattern. Only the latest `**` is ever reconsidered, so that no path makes this slow. */
function matches(pattern, segments) {
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
        }
        else if (wanted !== undefined && (wanted === '*' ? segments[next] !== '' : wanted === segments[next])) {
            at += 1;
            next += 1;
        }
        else if (anyAt !== -1) {
            anyFrom += 1;
            next = anyFrom;
            at = anyAt + 1;
        }
        else
            return false;
    }
    while (pattern[at] === '**')
        at += 1;
    return at === pattern.length;
}
