import { z } from 'zod';
import { nullable, parameters } from '../field-types.js';
import { headerName } from '../header-types.js';
import { canonicalName, isReservedHeader } from '../reserved-headers.js';
import { headerValueOrSecret, valueOf, type Secrets } from '../secret-value.js';
import { withoutNull } from '../without-null.js';
import type { SectionProblem } from './problem.js';

/** How this server wants to be asked for tokens (RFC 6749 sections 4.1.3 and 6, and what servers do instead). */
export const tokenRequest = z.strictObject({
  /** How the parameters travel: as a form, as one JSON object, or in the query of a POST without a body. */
  format: nullable(z.enum(['form', 'json', 'query'])),
  headers: nullable(z.record(headerName, headerValueOrSecret.nullable())),
  /** Parameters of RFC 6749 by the names that they have at this server. */
  names: nullable(z.record(z.string().min(1), z.string().min(1).nullable())),
  /** Further parameters of the request that exchanges a code, and of the one that refreshes. */
  code: nullable(parameters),
  refresh: nullable(parameters),
});

type File = z.infer<typeof tokenRequest> | null | undefined;

/** What the grant itself is made of: no file sets it. `grant_type` may be another one at an unusual server. */
const ours = new Set([
  ...['client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'code', 'code_verifier'],
  ...['redirect_uri', 'refresh_token'],
]);

export function tokenRequestProblems(file: File): SectionProblem[] {
  const reserved = (['code', 'refresh'] as const).flatMap((part) =>
    Object.keys(file?.[part] ?? {}).flatMap((name) =>
      ours.has(name) ? [{ what: `token.request.${part}.${name} is ours to set`, remedy: 'Remove it.' }] : [],
    ),
  );
  const headers = Object.keys(file?.headers ?? {}).flatMap((name) =>
    isReservedHeader(name) || canonicalName(name) === 'content-type'
      ? [{ what: `token.request.headers.${name} is a header that Gatehouse alone sets`, remedy: 'Remove it.' }]
      : [],
  );
  return [...reserved, ...headers];
}

export function resolveTokenRequest(file: File, secrets: Secrets) {
  const headers = Object.entries(withoutNull(file?.headers ?? {}));
  return {
    format: file?.format ?? 'form',
    /** By name in lower case. */
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), valueOf(value, secrets)])),
    names: new Map(Object.entries(withoutNull(file?.names ?? {}))),
    code: file?.code ?? {},
    refresh: file?.refresh ?? {},
  };
}
