import { problems, type ProblemCode } from '../errors.js';
import type { Answer, Answers } from './operation.js';
import { named, oneOf, text, type Schema } from './schema.js';

export function json(description: string, schema: string | Schema, headers: Answer['headers'] = {}): Answer {
  return {
    description,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: { 'application/json': { schema: typeof schema === 'string' ? named(schema) : schema } },
  };
}

export function page(description: string): Answer {
  return { description, content: { 'text/html': { schema: text() } } };
}

export function pageOrJson(description: string, schema: Schema): Answer {
  return { description, content: { 'text/html': { schema: text() }, 'application/json': { schema } } };
}

export function redirect(description: string): Answer {
  return { description, headers: { Location: { description: 'Where to go next', schema: text() } } };
}

/** The failures by status, each with its codes, and `default` for those that any address can have. */
export function failures(codes: readonly ProblemCode[], { html = false } = {}): Answers {
  const statuses = [...new Set(codes.map((code) => problems[code].status))].sort((one, other) => one - other);
  const byStatus = statuses.map((status) => {
    const these = [...new Set(codes)].filter((code) => problems[code].status === status);
    return [String(status), failure(these, html)] as const;
  });
  return { ...Object.fromEntries(byStatus), default: failure([], html) };
}

function failure(codes: readonly ProblemCode[], html: boolean): Answer {
  const some = codes.length > 0;
  const schema = { allOf: [named('Problem'), { properties: { code: oneOf(some ? codes : anywhere) } }] };
  return {
    description: some
      ? codes.map((code) => `${code}: ${problems[code].title}.`).join(' ')
      : `Any other problem, such as ${anywhere.join(', ')}.`,
    headers: {
      'X-Request-Id': { description: 'Names the request in the log of the server', schema: text() },
      ...(codes.some(isPassing) && {
        'Retry-After': { description: 'Seconds', schema: { type: 'integer', minimum: 1 } },
      }),
      ...(codes.some((code) => problems[code].status === 401) && {
        'WWW-Authenticate': { description: 'Gatehouse realm="<PUBLIC_URL>", error="<code>"', schema: text() },
      }),
    },
    content: {
      'application/problem+json': { schema },
      ...(html ? { 'text/html': { schema: text('The same for a person, where Accept names text/html alone') } } : {}),
    },
  };
}

/** Nobody is there whose connections they could be: no session, or, where connections belong to people, nobody signed in. */
export const nobody = ['login_required', 'owner_required', 'owner_expired'] as const satisfies readonly ProblemCode[];

/** What can go wrong with a body of ours. */
export const bodyProblems = [
  'body_too_large',
  'request_timeout',
  'rate_limited',
] as const satisfies readonly ProblemCode[];

const anywhere = [
  'invalid_request',
  'method_not_allowed',
  'expectation_failed',
  'request_timeout',
  'header_too_large',
  'internal_error',
  'shutting_down',
] as const satisfies readonly ProblemCode[];

/** Whether a repetition makes sense after a while. */
function isPassing(code: ProblemCode): boolean {
  return problems[code].status === 503 || problems[code].status === 429;
}
