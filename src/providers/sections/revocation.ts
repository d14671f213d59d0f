import { z } from 'zod';
import { compact } from '../../compact.js';
import { nullable, path } from '../field-types.js';
import { headerName } from '../header-types.js';
import { canonicalName, isReservedHeader } from '../reserved-headers.js';
import { headerValueOrSecret, valueOf, type Secrets } from '../secret-value.js';
import { withoutNull } from '../without-null.js';
import type { SectionProblem } from './problem.js';

/** For servers that end a token in another way than RFC 7009. */
const revocationRequest = z.strictObject({
  method: nullable(z.enum(['POST', 'GET', 'PUT', 'DELETE'])),
  format: nullable(z.enum(['form', 'json', 'query'])),
  /** Below endpoints.revocation; where there is none, a call to the API, authorized by the access token. */
  path: nullable(path),
  headers: nullable(z.record(headerName, headerValueOrSecret.nullable())),
  /** In place of `token` and `token_type_hint`. `{token}` and `{client_id}` stand for those, here and in `path`. */
  parameters: nullable(z.record(z.string().min(1), z.string().nullable())),
});

export const revocation = z.strictObject({
  token: nullable(z.enum(['refresh_token', 'access_token', 'off'])),
  /** What revoking one token ends: that token, or the person's whole grant to this client (assumed where left out). */
  ends: nullable(z.enum(['token', 'grant'])),
  /**
   * Whether the client authenticates itself at the revocation endpoint, and how, where it is in another way than at the token
   * endpoint. `scheme`: the secret alone stands in Authorization, behind this word.
   */
  client_authentication: nullable(
    z.union([
      z.boolean(),
      z.enum(['client_secret_post', 'client_secret_basic', 'client_secret_basic_raw']),
      z.strictObject({ scheme: z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'must be one word') }),
    ]),
  ),
  request: nullable(revocationRequest),
});

type File = z.infer<typeof revocation> | null | undefined;

export function revocationProblems(file: File): SectionProblem[] {
  const { headers } = file?.request ?? {};
  const reserved = Object.keys(headers ?? {}).filter(
    (name) => isReservedHeader(name) || canonicalName(name) === 'content-type',
  );
  return reserved.map((name) => ({
    what: `revocation.request.headers.${name} is a header that Gatehouse alone sets`,
    remedy: 'Remove it.',
  }));
}

export function resolveRevocation(file: File, secrets: Secrets) {
  return {
    token: file?.token ?? 'refresh_token',
    ends: file?.ends ?? 'grant',
    clientAuthentication: file?.client_authentication ?? true,
    request: resolveRequest(file?.request, secrets),
  };
}

function resolveRequest(file: NonNullable<File>['request'], secrets: Secrets) {
  const method = file?.method ?? 'POST';
  const headers = Object.entries(withoutNull(file?.headers ?? {}));
  return compact({
    method,
    format: file?.format ?? (method === 'GET' || method === 'DELETE' ? 'query' : 'form'),
    path: file?.path ?? undefined,
    /** By name in lower case. */
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), valueOf(value, secrets)])),
    /** Absent: those of RFC 7009. */
    parameters: file?.parameters ? withoutNull(file.parameters) : file?.path ? {} : undefined,
  });
}
