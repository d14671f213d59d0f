import { GraphqlSyntaxError, parseOperation } from './parse.js';
export class GraphqlFieldError extends Error {
    code;
    details;
    name = 'GraphqlFieldError';
    constructor(code, message, details = {}) {
        super(message);
        this.code = code;
        this.details = details;
    }
}
export function execute(schema, query, variables) {
    try {
        const operation = parseOperation(query);
        if (operation.kind === 'mutation')
            throw new GraphqlFieldError('BAD_REQUEST', 'Schema is not configured for mutations');
        const given = readVariables(operation, variables);
        const problems = operation.selection.flatMap((field) => check(schema, 'Query', field, [field.key]));
        if (problems.length > 0)
            return { errors: problems };
        const data = operation.selection.map((field) => {
            if (field.name === '__typename')
                return [field.key, 'Query'];
            const value = schema.resolve(field.name, readArguments(field, given));
            return [field.key, shape(schema, schema.types['Query']?.[field.name]?.of, field, value)];
        });
        return { data: Object.fromEntries(data) };
    }
    catch (error) {
        if (error instanceof GraphqlSyntaxError || error instanceof SyntaxError)
            return { errors: [{ message: `Parse error: ${error.message}`, extensions: { code: 'BAD_REQUEST' } }] };
        if (error instanceof GraphqlFieldError)
            return { data: null, errors: [{ message: error.message, extensions: { code: error.code, ...error.details } }] };
        throw error;
    }
}
/** Everything that is wrong with one field, before anything is looked up. */
function check(schema, type, field, path) {
    if (field.name === '__typename')
        return [];
    const fields = schema.types[type] ?? {};
    const definition = Object.hasOwn(fields, field.name) ? fields[field.name] : undefined;
    const wrong = (message) => [{ message, path, extensions: { code: 'BAD_REQUEST' } }];
    if (!definition)
        return wrong(`Field '${field.name}' doesn't exist on type '${type}'`);
    const strange = Object.keys(field.arguments).find((name) => !definition.takes?.includes(name));
    if (strange !== undefined)
        return wrong(`Field '${field.name}' doesn't accept argument '${strange}'`);
    const { of } = definition;
    if (of === undefined)
        return field.selection.length === 0 ? [] : wrong(`Selections can't be made on scalars (field '${field.name}')`);
    if (field.selection.length === 0)
        return wrong(`Field must have selections (field '${field.name}' returns ${of})`);
    return field.selection.flatMap((child) => check(schema, of, child, [...path, child.key]));
}
/** Only what was asked for, under the names it was asked by. */
function shape(schema, type, field, value) {
    if (type === undefined || value === null || value === undefined)
        return value ?? null;
    if (Array.isArray(value))
        return value.map((one) => shape(schema, type, field, one));
    const record = value;
    return Object.fromEntries(field.selection.map((child) => {
        if (child.name === '__typename')
            return [child.key, type];
        return [child.key, shape(schema, schema.types[type]?.[child.name]?.of, child, record[child.name])];
    }));
}
function readVariables(operation, given) {
    const missing = operation.variables.find(({ name, required, fallback }) => required && (given[name] ?? fallback) == null);
    if (missing)
        throw new GraphqlFieldError('BAD_REQUEST', `Variable $${missing.name} of a required type was not given`);
    return Object.fromEntries(operation.variables.map(({ name, fallback }) => [name, given[name] ?? fallback ?? null]));
}
function readArguments(field, variables) {
    return Object.fromEntries(Object.entries(field.arguments).map(([name, value]) => [name, valueOf(value, variables)]));
}
function valueOf(value, variables) {
    if ('literal' in value)
        return value.literal;
    if (!Object.hasOwn(variables, value.variable))
        throw new GraphqlFieldError('BAD_REQUEST', `Variable $${value.variable} is used but not declared`);
    return variables[value.variable];
}
