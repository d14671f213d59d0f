export function queryParameters(req) {
    return wireParameters([...new URL(req.originalUrl, 'http://sandbox').searchParams]);
}
/** The body, as a form or as a JSON object whose texts and numbers are taken. */
export function bodyParameters(req) {
    return wireParameters(bodyPairs(req.body));
}
export function wireParameters(pairs) {
    const names = pairs.map(([name]) => name);
    const values = new Map(pairs.filter(([, value]) => value !== ''));
    return {
        get: (name) => values.get(name),
        list: (name) => (values.get(name) ?? '').split(' ').filter((one) => one !== ''),
        doubled: new Set(names).size !== names.length,
    };
}
export function bodyPairs(body) {
    if (typeof body === 'string')
        return [...new URLSearchParams(body)];
    if (typeof body !== 'object' || body === null)
        return [];
    return Object.entries(body).flatMap(([name, value]) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, value.toString()]]
        : []);
}
