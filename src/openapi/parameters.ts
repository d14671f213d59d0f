import type { Parameter, RequestBody } from './operation.js';
import type { Schema } from './schema.js';

export const provider: Parameter = {
  name: 'provider',
  in: 'path',
  required: true,
  description: 'The id of an available provider; GET /api/connections lists them',
  schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,31}$' },
};

export const key: Parameter = {
  name: 'key',
  in: 'path',
  required: true,
  description: 'The id of a connection, or of a provider: then the only connection there',
  schema: { type: 'string', pattern: '^([a-z][a-z0-9-]{0,31}|con_[0-9A-Za-z]{22})$' },
};

/** What no foreign page can send without our leave. */
export const csrfHeader: Parameter = {
  name: 'X-CSRF',
  in: 'header',
  required: true,
  description: 'Proves that the request comes from the application; the value is 1',
  schema: { const: '1' },
};

/** The same where a form of ours may send its hidden csrf_token instead. */
export const csrfHeaderOrToken: Parameter = {
  ...csrfHeader,
  required: false,
  description: 'Required unless the body is a form of ours with its csrf_token; the value is 1',
};

export function query(name: string, description: string, schema: Schema = { type: 'string' }): Parameter {
  return { name, in: 'query', description, schema };
}

export function jsonBody(schema: Schema): RequestBody {
  return { required: true, content: { 'application/json': { schema } } };
}

/** Fields that come from a form or as JSON. */
export function formBody(fields: Readonly<Record<string, Schema>>): RequestBody {
  const schema = { type: 'object', properties: { csrf_token: { type: 'string' }, ...fields } };
  return {
    required: false,
    content: { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } },
  };
}
