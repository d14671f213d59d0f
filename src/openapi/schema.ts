/** A JSON Schema (draft 2020-12), as OpenAPI 3.1 uses it. */
export type Schema = Readonly<Record<string, unknown>>;

/** A schema of `components`, by name. */
export function named(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object with exactly these members; those in `optional` may be left out. */
export function object(required: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}) {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  } satisfies Schema;
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

export function oneOf(values: readonly (string | null)[], description?: string): Schema {
  return { enum: values, ...(description === undefined ? {} : { description }) };
}

/** The same, or null. */
export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

export function text(description?: string): Schema {
  return { type: 'string', ...(description === undefined ? {} : { description }) };
}

export function textOrNull(description?: string): Schema {
  return { type: ['string', 'null'], ...(description === undefined ? {} : { description }) };
}

/** RFC 3339, UTC. */
export function time(): Schema {
  return { type: 'string', format: 'date-time', pattern: 'Z$' };
}

export function seconds(description: string): Schema {
  return { type: 'integer', minimum: 0, description };
}

export const flag: Schema = { type: 'boolean' };
