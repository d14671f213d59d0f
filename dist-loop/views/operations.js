const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
/** The calls of an OpenAPI document in its own order; references are not followed, and what is no text is left out. */
export function operationsOf(document) {
    return Object.entries(document.paths).flatMap(([path, item]) => methods
        .map((method) => [method, item[method]])
        .filter(([, operation]) => isObject(operation))
        .map(([method, operation]) => view(method, path, operation, item['parameters'])));
}
function view(method, path, operation, shared) {
    const own = member(operation, 'parameters');
    const answers = member(operation, 'responses');
    return {
        method: method.toUpperCase(),
        path,
        summary: textMember(operation, 'summary'),
        description: textMember(operation, 'description'),
        parameters: [...list(shared), ...list(own)]
            .map((entry) => ({
            name: textMember(entry, 'name'),
            place: textMember(entry, 'in'),
            required: member(entry, 'required') === true,
        }))
            .filter(({ name }) => name !== ''),
        answers: Object.entries(isObject(answers) ? answers : {}).map(([status, answer]) => ({
            status,
            description: textMember(answer, 'description'),
        })),
    };
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function list(value) {
    return Array.isArray(value) ? value : [];
}
function member(value, name) {
    return isObject(value) ? value[name] : undefined;
}
function textMember(value, name) {
    const text = member(value, name);
    return typeof text === 'string' ? text : '';
}
