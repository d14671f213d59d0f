/** Every field that a log line may carry (docs/logs.md). What has another name is not written, at any level. */
const names = [
  ...([
    'accepting_ms',
    'audit',
    'code',
    'connections',
    'description',
    'environment',
    'error',
    'headers',
    'hint',
    'key',
  ] as const),
  ...([
    'method',
    'ms',
    'node',
    'operator',
    'outcome',
    'owner',
    'path',
    'port',
    'provider',
    'providers',
    'redirect_uri',
  ] as const),
  ...([
    'request_id',
    'result',
    'revocation',
    'revocations',
    'session',
    'sessions',
    'source',
    'status',
    'store',
    'traceparent',
    'url',
    'variables',
  ] as const),
] as const;

export type LogFieldName = (typeof names)[number];
export const logFieldNames: ReadonlySet<string> = new Set(names);

/** Scalars only: a token set cannot be logged whole by accident. Undefined fields are left out. */
export type LogFields = Readonly<Partial<Record<LogFieldName, string | number | boolean | undefined>>>;

/**
 * The fields as they may be written. The types say the same, but not of what is spread into an object or comes from
 * outside of them; a copy is made only where something has to be left out.
 */
export function allowedFields(fields: LogFields): LogFields {
  for (const name in fields) if (!isAllowed(name, fields[name as LogFieldName])) return allowedOnly(fields);
  return fields;
}

function allowedOnly(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => isAllowed(name, value)));
}

function isAllowed(name: string, value: unknown): boolean {
  return logFieldNames.has(name) && (typeof value !== 'object' || value === null) && typeof value !== 'function';
}
