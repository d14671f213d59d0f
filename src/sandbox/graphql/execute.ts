import { GraphqlSyntaxError, parseOperation, type Field, type Operation, type Value } from './parse.js';

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly string[];
  readonly extensions: { readonly code: string; readonly [name: string]: unknown };
}

export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphqlError[];
}

export type Arguments = Readonly<Record<string, unknown>>;

/** A leaf, or an object type by its name. `list`: an array of it. `takes`: the arguments it accepts. */
export interface FieldType {
  readonly of?: string;
  readonly list?: boolean;
  readonly takes?: readonly string[];
}

export interface Schema {
  /** Object types by name; the entry is `Query`. */
  readonly types: Readonly<Record<string, Readonly<Record<string, FieldType>>>>;
  /** A root field's value; throws GraphqlFieldError where it has none. */
  resolve(field: string, given: Arguments): unknown;
}

export class GraphqlFieldError extends Error {
  override readonly name = 'GraphqlFieldError';
  constructor(
    readonly code: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export function execute(schema: Schema, query: string, variables: Arguments): GraphqlAnswer {
  try {
    const operation = parseOperation(query);
    if (operation.kind === 'mutation')
      throw new GraphqlFieldError('BAD_REQUEST', 'Schema is not configured for mutations');
    const given = readVariables(operation, variables);
    const problems = operation.selection.flatMap((field) => check(schema, 'Query', field, [field.key]));
    if (problems.length > 0) return { errors: problems };
    const data = operation.selection.map((field) => {
      if (field.name === '__typename') return [field.key, 'Query'] as const;
      const value = schema.resolve(field.name, readArguments(field, given));
      return [field.key, shape(schema, schema.types['Query']?.[field.name]?.of, field, value)] as const;
    });
    return { data: Object.fromEntries(data) };
  } catch (error) {
    if (error instanceof GraphqlSyntaxError || error instanceof SyntaxError)
      return { errors: [{ message: `Parse error: ${error.message}`, extensions: { code: 'BAD_REQUEST' } }] };
    if (error instanceof GraphqlFieldError)
      return { data: null, errors: [{ message: error.message, extensions: { code: error.code, ...error.details } }] };
    throw error;
  }
}

/** Everything that is wrong with one field, before anything is looked up. */
function check(schema: Schema, type: string, field: Field, path: readonly string[]): GraphqlError[] {
  if (field.name === '__typename') return [];
  const fields = schema.types[type] ?? {};
  const definition = Object.hasOwn(fields, field.name) ? fields[field.name] : undefined;
  const wrong = (message: string): GraphqlError[] => [{ message, path, extensions: { code: 'BAD_REQUEST' } }];
  if (!definition) return wrong(`Field '${field.name}' doesn't exist on type '${type}'`);
  const strange = Object.keys(field.arguments).find((name) => !definition.takes?.includes(name));
  if (strange !== undefined) return wrong(`Field '${field.name}' doesn't accept argument '${strange}'`);
  const { of } = definition;
  if (of === undefined)
    return field.selection.length === 0 ? [] : wrong(`Selections can't be made on scalars (field '${field.name}')`);
  if (field.selection.length === 0) return wrong(`Field must have selections (field '${field.name}' returns ${of})`);
  return field.selection.flatMap((child) => check(schema, of, child, [...path, child.key]));
}

/** Only what was asked for, under the names it was asked by. */
function shape(schema: Schema, type: string | undefined, field: Field, value: unknown): unknown {
  if (type === undefined || value === null || value === undefined) return value ?? null;
  if (Array.isArray(value)) return value.map((one: unknown) => shape(schema, type, field, one));
  const record = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    field.selection.map((child) => {
      if (child.name === '__typename') return [child.key, type];
      return [child.key, shape(schema, schema.types[type]?.[child.name]?.of, child, record[child.name])];
    }),
  );
}

function readVariables(operation: Operation, given: Arguments): Arguments {
  const missing = operation.variables.find(
    ({ name, required, fallback }) => required && (given[name] ?? fallback) == null,
  );
  if (missing) throw new GraphqlFieldError('BAD_REQUEST', `Variable $${missing.name} of a required type was not given`);
  return Object.fromEntries(operation.variables.map(({ name, fallback }) => [name, given[name] ?? fallback ?? null]));
}

function readArguments(field: Field, variables: Arguments): Arguments {
  return Object.fromEntries(Object.entries(field.arguments).map(([name, value]) => [name, valueOf(value, variables)]));
}

function valueOf(value: Value, variables: Arguments): unknown {
  if ('literal' in value) return value.literal;
  if (!Object.hasOwn(variables, value.variable))
    throw new GraphqlFieldError('BAD_REQUEST', `Variable $${value.variable} is used but not declared`);
  return variables[value.variable];
}
