export function dismissal(status, title, text) {
    return { kind: 'page', status, title, text };
}
/** `uri` with further query parameters; those without a value are left out. */
export function withQuery(uri, values) {
    const given = Object.entries(values).filter((pair) => pair[1] !== undefined);
    const query = new URLSearchParams(given).toString();
    if (query === '')
        return uri;
    return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}
