import { z } from 'zod';
import { compact } from '../../compact.js';
import { example } from '../example-schema.js';
import { apiRequest, method, nullable, path } from '../field-types.js';
import { unfilledAddress } from '../variables/unfilled-address.js';
import { fixedHeadersOf, forwardedHeaders, headerName, headerValue } from '../header-types.js';
import { headerValueOrSecret, valueOf, type Secrets } from '../secret-value.js';
import { withoutNull } from '../without-null.js';
import { apiGraphql, resolveApiGraphql } from './api-graphql.js';
import { apiToken, apiTokenProblems, resolveApiToken } from './api-token.js';
import type { SectionProblem } from './problem.js';

export const api = z.strictObject({
  base_url: nullable(z.url()),
  token: nullable(apiToken),
  /** Whether the client's certificate is presented at the API, too. */
  certificate: nullable(z.boolean()),
  /** Set last; a caller cannot change them. */
  headers: nullable(fixedHeadersOf(headerValueOrSecret)),
  /**
   * The header of `headers` that tells the provider's environments apart, with its value in each: a start in one
   * environment with the header of another is refused.
   */
  environment_header: nullable(z.strictObject({ name: headerName, values: z.record(z.string(), headerValue) })),
  /** Absent: everything. */
  allow: nullable(z.array(z.strictObject({ methods: z.array(method).min(1), path }))),
  redirect_hosts: nullable(z.array(z.string())),
  cache: nullable(z.enum(['no-store', 'private'])),
  /** `graphql`: the explorer asks for a query and its variables. */
  style: nullable(z.enum(['rest', 'graphql'])),
  graphql: nullable(apiGraphql),
  auth_failure_status: nullable(z.array(z.number().int().min(400).max(499))),
  /** Where a failure status also has another meaning: only if this call fails the same way is the token at fault. */
  auth_probe: nullable(apiRequest),
  /** For an API that reports a bad token inside a 2xx response: where in its JSON, and the values that say so. */
  auth_failure_body: nullable(
    z.strictObject({
      /** JSON pointer; the segment `*` stands for every element of an array. */
      pointer: z.string().regex(/^(\/[^/]*)+$/, 'must be a JSON pointer'),
      values: z.array(z.string()).min(1),
    }),
  ),
  forward_request_headers: nullable(forwardedHeaders),
  /** Calls for one account at the provider, over all processes. */
  limits: nullable(
    z.strictObject({
      concurrent: nullable(z.number().int().min(1).max(1000)),
      per_minute: nullable(z.number().int().min(1).max(6000)),
    }),
  ),
  /** Seconds until the head of a response must be there; absent: 60. */
  timeout: nullable(z.number().int().min(1).max(300)),
  /** Largest request body, as in `512kb` or `25mb`; absent: no limit. */
  max_body: nullable(z.string().regex(/^[1-9]\d{0,8}(kb|mb)$/, 'must be a size such as 512kb or 25mb')),
  /** Calls that the explorer offers. */
  examples: nullable(z.array(example)),
});

type File = z.infer<typeof api>;

export type AllowRule = NonNullable<File['allow']>[number];
export type ApiExample = ReturnType<typeof resolveApi>['examples'][number];

export function apiProblems(file: File | null | undefined): SectionProblem[] {
  if (!file?.base_url) return [{ what: 'there is no API to forward calls to', remedy: 'Set the key api.base_url.' }];
  const { search, hash, username, password } = new URL(file.base_url);
  const more = 'api.base_url has a query, a fragment or a user';
  const isPlain = !search && !hash && !username && !password;
  return [
    ...(isPlain ? [] : [{ what: more, remedy: 'Leave only scheme, host, port and path.' }]),
    ...apiTokenProblems(file.token, file),
  ];
}

export function resolveApi(file: File | null | undefined, secrets: Secrets) {
  const headers = Object.entries(withoutNull(file?.headers ?? {}));
  return compact({
    baseUrl: new URL(unfilledAddress(file?.base_url ?? 'https://invalid.invalid')),
    token: resolveApiToken(file?.token, secrets),
    certificate: file?.certificate ?? false,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, valueOf(value, secrets)])),
    allow: file?.allow ?? undefined,
    redirectHosts: file?.redirect_hosts ?? [],
    cache: file?.cache ?? 'no-store',
    style: file?.style ?? 'rest',
    graphql: resolveApiGraphql(file?.graphql),
    authFailureStatus: file?.auth_failure_status ?? [401],
    authProbe: file?.auth_probe ?? undefined,
    authFailureBody: file?.auth_failure_body ?? undefined,
    forwardRequestHeaders: file?.forward_request_headers ?? [],
    limits: file?.limits
      ? compact({
          concurrent: file.limits.concurrent ?? undefined,
          /** In any 60 seconds. */
          perMinute: file.limits.per_minute ?? undefined,
        })
      : undefined,
    timeoutMs: file?.timeout == null ? undefined : file.timeout * 1000,
    maxBodyBytes: file?.max_body == null ? undefined : bytesOf(file.max_body),
    examples: (file?.examples ?? []).map((each) => ({ ...each, method: each.method ?? 'GET' })),
  });
}

function bytesOf(size: string): number {
  return Number.parseInt(size, 10) * (size.endsWith('mb') ? 1_048_576 : 1024);
}
