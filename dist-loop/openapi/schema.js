/** A schema of `components`, by name. */
export function named(name) {
    return { $ref: `#/components/schemas/${name}` };
}
/** An object with exactly these members; those in `optional` may be left out. */
export function object(required, optional = {}) {
    return {
        type: 'object',
        properties: { ...required, ...optional },
        required: Object.keys(required),
        additionalProperties: false,
    };
}
export function listOf(items) {
    return { type: 'array', items };
}
export function oneOf(values, description) {
    return { enum: values, ...(description === undefined ? {} : { description }) };
}
/** The same, or null. */
export function orNull(schema) {
    return { anyOf: [schema, { type: 'null' }] };
}
export function text(description) {
    return { type: 'string', ...(description === undefined ? {} : { description }) };
}
export function textOrNull(description) {
    return { type: ['string', 'null'], ...(description === undefined ? {} : { description }) };
}
/** RFC 3339, UTC. */
export function time() {
    return { type: 'string', format: 'date-time', pattern: 'Z$' };
}
export function seconds(description) {
    return { type: 'integer', minimum: 0, description };
}
export const flag = { type: 'boolean' };
