import { z } from 'zod';
import { compact } from '../../compact.js';
import { nullable, parameters } from '../field-types.js';
import { withoutNull } from '../without-null.js';
import { isPattern, type SectionProblem } from './problem.js';

export const authorization = z.strictObject({
  /** Fixed parameters of the authorization request; a caller cannot change them. */
  parameters: nullable(z.record(z.string().min(1), z.string().nullable())),
  /** name: pattern that the whole value must match. Nothing else passes. */
  caller_parameters: nullable(z.record(z.string().min(1), z.string().nullable())),
  /** `off`: the server does not know the parameter. */
  response_type: nullable(z.string().regex(/^[a-z][\w ]*$/, 'must be words')),
  /** Parameters of RFC 6749 by the names that they have at this server. */
  names: nullable(z.record(z.string().min(1), z.string().min(1).nullable())),
  /** What stands behind `#` in the address that the browser is sent to. */
  fragment: nullable(z.string().regex(/^[\w.~=&/-]+$/, 'must be plain characters')),
  response: nullable(
    z.strictObject({
      /** The parameter of the response that holds the code. */
      code: nullable(z.string().min(1)),
      /** Asks for the response in the query (response_mode). */
      mode: nullable(z.enum(['query'])),
    }),
  ),
  pkce: nullable(z.enum(['S256', 'off'])),
  state: nullable(z.enum(['required', 'not_echoed'])),
  nonce: nullable(z.enum(['required', 'send', 'off'])),
  reconsent: nullable(parameters),
  /** Sent where another account is connected, in place of `parameters` of the same name. */
  another: nullable(parameters),
  /** `error_or_no_code`: a response with neither code nor error is a refusal, too. */
  denial: nullable(z.enum(['error', 'error_or_no_code'])),
  errors: nullable(
    z.strictObject({
      /** Further codes of the authorization response that mean: the person refused. */
      denied: nullable(z.array(z.string().min(1))),
    }),
  ),
  /** A caller parameter that is filled from Accept-Language when the caller gives none. */
  locale: nullable(z.strictObject({ parameter: z.string(), values: z.array(z.string()).min(1) })),
});

type File = z.infer<typeof authorization>;

/** Parameters that this server sets by itself (RFC 6749 4.1.1, RFC 7636 4.3, OpenID Connect Core 3.1.2.1). */
const reserved = new Set([
  ...['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge'],
  ...['code_challenge_method', 'response_mode', 'request', 'request_uri', 'client_secret', 'code', 'code_verifier'],
]);

export function authorizationProblems(file: File | null | undefined): SectionProblem[] {
  const isReserved = (key: string) => (name: string) =>
    reserved.has(name) ? [{ what: `${key}.${name} is ours to set`, remedy: 'Remove it.' }] : [];
  const patterns = withoutNull(file?.caller_parameters ?? {});
  const answersInFront = (file?.response_type ?? '').includes('token');
  return [
    ...(answersInFront
      ? [
          {
            what: 'authorization.response_type asks for tokens in an address',
            remedy: 'Only the code flow is supported (RFC 9700 section 2.1.2): leave it out.',
          },
        ]
      : []),
    ...Object.keys(patterns).flatMap(isReserved('caller_parameters')),
    ...Object.entries(patterns).flatMap(([name, pattern]) =>
      isPattern(`^(?:${pattern})$`)
        ? []
        : [{ what: `caller_parameters.${name} is not a regular expression`, remedy: 'Correct the pattern.' }],
    ),
    ...Object.keys(file?.parameters ?? {})
      // A fixed text of the registration, at servers that know no request objects.
      .filter((name) => name !== 'request')
      .flatMap(isReserved('authorization.parameters')),
  ];
}

export function resolveAuthorization(file: File | null | undefined, protocol: 'oidc' | 'oauth2') {
  const patterns = Object.entries(withoutNull(file?.caller_parameters ?? {}));
  return compact({
    parameters: withoutNull(file?.parameters ?? {}),
    callerParameters: new Map(patterns.map(([name, pattern]) => [name, new RegExp(`^(?:${pattern})$`, 'u')])),
    /** Absent: not sent. */
    responseType: file?.response_type === 'off' ? undefined : (file?.response_type ?? 'code'),
    names: new Map(Object.entries(withoutNull(file?.names ?? {}))),
    fragment: file?.fragment ?? '',
    response: { code: file?.response?.code ?? 'code', mode: file?.response?.mode ?? undefined },
    pkce: file?.pkce ?? 'S256',
    state: file?.state ?? 'required',
    nonce: file?.nonce ?? (protocol === 'oidc' ? 'required' : 'off'),
    reconsent: file?.reconsent ?? {},
    another: file?.another ?? {},
    denial: file?.denial ?? 'error',
    denied: new Set(file?.errors?.denied ?? []),
    locale: file?.locale ?? undefined,
  });
}
