import { GatehouseError } from '../errors.js';
/** The query of the request. */
export function queryParameters(req) {
    const start = req.url.indexOf('?');
    return collect(new URLSearchParams(start === -1 ? '' : req.url.slice(start + 1)));
}
/** The query and the body together; a JSON body's strings count, anything else in it is refused. */
export function bodyParameters(req) {
    const entries = [];
    const body = req.body;
    if (typeof body === 'object' && body !== null)
        for (const [name, value] of Object.entries(body))
            for (const each of Array.isArray(value) ? value : [value]) {
                if (each === null)
                    continue;
                if (typeof each !== 'string' && typeof each !== 'number' && typeof each !== 'boolean')
                    throw new GatehouseError('invalid_request', 'A parameter in the body is not a text.');
                entries.push([name, String(each)]);
            }
    return collect([...entriesOf(queryParameters(req)), ...entries]);
}
/** The one value of a parameter; undefined where it was not sent. Refuses one that came twice. */
export function single(parameters, name) {
    const values = parameters.get(name) ?? [];
    if (values.length > 1)
        throw new GatehouseError('invalid_request', 'A parameter was sent twice. Send each once.');
    return values[0];
}
function collect(pairs) {
    const parameters = new Map();
    for (const [name, value] of pairs)
        parameters.set(name, [...(parameters.get(name) ?? []), value]);
    return parameters;
}
function* entriesOf(parameters) {
    for (const [name, values] of parameters)
        for (const value of values)
            yield [name, value];
}
