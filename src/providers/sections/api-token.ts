import { z } from 'zod';
import { nullable } from '../field-types.js';
import { headerName } from '../header-types.js';
import { canonicalName, isReservedHeader, passedRequestHeaders } from '../reserved-headers.js';
import { secretReference, valueOf, type Secrets } from '../secret-value.js';
import type { SectionProblem } from './problem.js';

/** `key` stands for the token. */
const credential = z.union([z.string().regex(/^[\x20-\x7e]*$/, 'must be printable ASCII'), secretReference]);

/** How a call carries the token. One of `header` (with `scheme`), `query` and `basic`. */
export const apiToken = z.strictObject({
  header: nullable(headerName),
  scheme: nullable(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]*$/, 'must be one word')),
  query: nullable(z.string().regex(/^[\w.~-]+$/, 'must be a plain name')),
  echo: nullable(z.enum(['none'])),
  basic: nullable(z.union([z.enum(['user', 'password']), z.strictObject({ user: credential, password: credential })])),
});

type File = z.infer<typeof apiToken> | null | undefined;

/** Where the token of a call stands: in a header, or as a parameter of the query. */
export type ApiToken =
  { readonly header: string; readonly value: (token: string) => string } | { readonly parameter: string };

interface Rest {
  headers?: Readonly<Record<string, unknown>> | null | undefined;
  forward_request_headers?: readonly string[] | null | undefined;
}

export function apiTokenProblems(file: File, { headers, forward_request_headers: forwarded }: Rest): SectionProblem[] {
  if (!file) return [];
  const problems: SectionProblem[] = [];
  const refuse = (what: string, remedy: string) => problems.push({ what, remedy });
  const { header, scheme, query, echo, basic } = file;
  if ([header ?? scheme, query, basic].filter((each) => each != null).length !== 1)
    refuse('api.token does not say one place', 'Name one of header (with scheme), query and basic.');
  if (query && echo !== 'none')
    refuse(
      'api.token.query puts the token into addresses',
      'Set api.token.echo: none if the API never repeats an address in a body: bodies are not searched.',
    );
  if (typeof basic === 'object' && basic && basic.user !== 'key' && basic.password !== 'key')
    refuse('api.token.basic has the token nowhere', 'Write key for the user or for the password.');
  const name = canonicalName(header ?? '');
  if (header && name !== 'authorization' && (isReservedHeader(header) || passedRequestHeaders.has(name)))
    refuse(`api.token.header names ${header}, which has a meaning of its own`, 'Name the header of the API.');
  const others = [...Object.keys(headers ?? {}), ...(forwarded ?? [])].map(canonicalName);
  if (header && others.includes(name))
    refuse(`api.token.header names ${header}, and so do other keys of api`, 'Remove it there: callers never set it.');
  return problems;
}

export function resolveApiToken(file: File, secrets: Secrets): ApiToken {
  const { header, scheme, query, basic } = file ?? {};
  if (query) return { parameter: query };
  if (basic) {
    const parts = { user: { user: 'key', password: '' }, password: { user: '', password: 'key' } };
    const { user, password } = typeof basic === 'string' ? parts[basic] : basic;
    const filled = (part: typeof user, token: string) => (part === 'key' ? token : valueOf(part, secrets));
    return {
      header: 'Authorization',
      value: (token) => `Basic ${Buffer.from(`${filled(user, token)}:${filled(password, token)}`).toString('base64')}`,
    };
  }
  const name = header ?? 'Authorization';
  const prefix = scheme ?? (canonicalName(name) === 'authorization' ? 'Bearer' : '');
  const before = prefix === '' ? '' : `${prefix} `;
  return { header: name, value: (token) => `${before}${token}` };
}
