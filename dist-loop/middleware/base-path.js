/**
 * Routes answer with and without the path of PUBLIC_URL, since some proxies strip it and some do not. The raw rest of the
 * address is left exactly as it came.
 */
export function basePath(prefix) {
    return (req, _res, next) => {
        if (prefix !== '')
            req.url = withoutPrefix(req.url, prefix);
        next();
    };
}
export function withoutPrefix(url, prefix) {
    if (prefix === '' || !url.startsWith(prefix))
        return url;
    const rest = url.slice(prefix.length);
    if (rest === '' || rest.startsWith('?'))
        return `/${rest}`;
    return ours.test(rest) ? rest : url;
}
/** How every address of ours begins: a proxy may have stripped a path of PUBLIC_URL that is itself such a word, as in /connect. */
const ours = /^\/($|[?]|(api|assets|connect|connections|docs|healthz|logout|metrics|openapi\.json|proxy|readyz|setup|webhooks)(\/|[?]|$))/;
