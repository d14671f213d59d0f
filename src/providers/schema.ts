import { z } from 'zod';
import { example } from './example-schema.js';
import { method, path, text } from './field-types.js';
import { fixedHeaders, forwardedHeaders, headerName, headerValue, ownHeaderName } from './header-types.js';

/*
 * The provider file, the one definition of it: the loader checks files against it, the JSON Schema in docs/ is made
 * from it, and every type of a provider in the code is inferred from it. Wire names stay as they are in the file.
 * A file may be partial where it extends another; `providerFile` describes what is written, `provider` what is whole.
 */

const seconds = z.number().int().positive();
const parameters = z.record(z.string().min(1), z.string());
const nullable = <T extends z.ZodType>(type: T) => type.nullable().optional();

export const providerId = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must match ^[a-z][a-z0-9-]{0,31}$');

const endpoints = z.strictObject({
  authorization: nullable(z.url()),
  token: nullable(z.url()),
  revocation: nullable(z.url()),
  userinfo: nullable(z.url()),
  jwks: nullable(z.url()),
  end_session: nullable(z.url()),
});

const authorization = z.strictObject({
  /** Fixed parameters of the authorization request; a caller cannot change them. */
  parameters: nullable(z.record(z.string().min(1), z.string().nullable())),
  /** name: pattern that the whole value must match. Nothing else passes. */
  caller_parameters: nullable(z.record(z.string().min(1), z.string().nullable())),
  pkce: z.enum(['S256', 'off']).nullable().optional(),
  state: z.enum(['required', 'not_echoed']).nullable().optional(),
  nonce: z.enum(['required', 'send', 'off']).nullable().optional(),
  reconsent: nullable(parameters),
  /** `error_or_no_code`: an answer with neither code nor error is a refusal, too. */
  denial: z.enum(['error', 'error_or_no_code']).nullable().optional(),
  /** A caller parameter that is filled from Accept-Language when the caller gives none. */
  locale: nullable(z.strictObject({ parameter: z.string(), values: z.array(z.string()).min(1) })),
});

const tokenErrors = z.strictObject({
  /** Codes that mean: this grant is over, connect again. */
  dead_grant: z.array(z.string()).nullable().optional(),
  /** Of those, the codes that ask for the person: a second factor, a consent. */
  interaction: z.array(z.string()).nullable().optional(),
  /** Codes that mean: the operator has to act; every connection is kept. */
  configuration: z.array(z.string()).nullable().optional(),
  /** For servers that tell failures apart by a member other than `error`: its exact value, and the code it stands for. */
  messages: z
    .array(z.strictObject({ member: z.string(), is: z.string(), code: z.string() }))
    .nullable()
    .optional(),
  /** The code of a 4xx answer that holds one of these members, and whose text is not among `messages`. */
  otherwise: nullable(z.strictObject({ members: z.array(z.string()).min(1), code: z.string() })),
  /** Members whose presence in a 200 answer without access_token means `invalid_grant`. */
  refused_at_200: z.array(z.string()).nullable().optional(),
  /** What the operator is told in the log when a code comes: the usual cause at this provider. */
  hints: nullable(z.record(z.string().min(1), z.string().max(300))),
});

const token = z.strictObject({
  parameters: nullable(z.record(z.string().min(1), z.string().nullable())),
  id_token: z.enum(['required', 'optional', 'none']).nullable().optional(),
  id_token_algorithm: z
    .enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'HS256'])
    .nullable()
    .optional(),
  trusted_audiences: z.array(z.string()).nullable().optional(),
  /** Claim of a JWT access token that names the granted scopes, for answers that leave `scope` out. */
  scope_claim: z.string().nullable().optional(),
  /** Values of `token_type` that mean Bearer at this server, beside that word. */
  bearer_types: z.array(z.string().min(1)).nullable().optional(),
  /** Used where the answer states no lifetime. */
  default_lifetime: seconds.nullable().optional(),
  /** A connection that cannot be renewed is `expiring` when fewer seconds than this are left. */
  warn_before: seconds.nullable().optional(),
  errors: nullable(tokenErrors),
});

const revocation = z.strictObject({
  token: z.enum(['refresh_token', 'access_token', 'off']).nullable().optional(),
  /** What revoking one token ends: that token, or the person's whole grant to this client. */
  ends: z.enum(['token', 'grant']).nullable().optional(),
  /** Whether the client authenticates itself at the revocation endpoint. */
  client_authentication: z.boolean().nullable().optional(),
});

const apiRequest = z.strictObject({
  method: method.optional(),
  path,
  body: z.string().optional(),
});

const api = z.strictObject({
  base_url: z.url().nullable().optional(),
  /** Set last; a caller cannot change them. */
  headers: nullable(fixedHeaders),
  /**
   * The header of `headers` that tells the provider's environments apart, with its value in each: a start in one
   * environment with the header of another is refused.
   */
  environment_header: nullable(z.strictObject({ name: headerName, values: z.record(z.string(), headerValue) })),
  /** Absent: everything. */
  allow: nullable(z.array(z.strictObject({ methods: z.array(method).min(1), path }))),
  redirect_hosts: z.array(z.string()).nullable().optional(),
  cache: z.enum(['no-store', 'private']).nullable().optional(),
  /** `graphql`: the explorer asks for a query and its variables. */
  style: z.enum(['rest', 'graphql']).nullable().optional(),
  auth_failure_status: z.array(z.number().int().min(400).max(499)).nullable().optional(),
  /** Where a failure status also has another meaning: only if this call fails the same way is the token at fault. */
  auth_probe: nullable(apiRequest),
  /** For an API that reports a bad token inside a 2xx answer: where in its JSON, and the values that say so. */
  auth_failure_body: nullable(
    z.strictObject({
      /** JSON pointer; the segment `*` stands for every element of an array. */
      pointer: z.string().regex(/^(\/[^/]*)+$/, 'must be a JSON pointer'),
      values: z.array(z.string()).min(1),
    }),
  ),
  forward_request_headers: nullable(forwardedHeaders),
  /** Calls that the explorer offers. */
  examples: nullable(z.array(example)),
});

const account = z.strictObject({
  /** Where the account's identity is read: claims of the ID token or of a JWT access token, userinfo, or an API call. */
  source: z.enum(['id_token', 'access_token', 'userinfo', 'api', 'none']).nullable().optional(),
  /** Member that identifies the account; compared on reconnect. */
  subject: z.string().nullable().optional(),
  /** Members for the name a person reads; the first one present is taken. */
  label: z.array(z.string()).nullable().optional(),
  /** For labels that are no words: what the pattern matches is replaced by `with` (`$1` is its first group). */
  label_replace: nullable(z.strictObject({ pattern: z.string(), with: z.string() })),
  /** What a person should know of the account's name: that the provider tells none, or a number alone. */
  note: nullable(text),
  /** What the button says that connects another account in this one's place. */
  another: nullable(text),
  request: nullable(apiRequest),
  /** JSON pointer to the object, or to the array of objects, in the answer of `request`. */
  pointer: z.string().nullable().optional(),
});

const organizations = z.strictObject({
  request: apiRequest,
  pointer: z.string().optional(),
  id: z.string(),
  /** Members for the name; the first one present is taken. */
  name: z.array(z.string()).min(1),
  /** Request header that carries the choice. */
  header: ownHeaderName,
  /** Scope without which the list cannot be read. */
  scope: z.string().optional(),
  /** Whether calls are refused until one is chosen. */
  required: z.boolean().optional(),
  /**
   * Statuses with which the API may refuse the chosen organization. Then the list is asked, and a choice that it no longer
   * holds is dropped: calls are refused until another one is made.
   */
  refusal_status: z.array(z.number().int().min(400).max(499)).optional(),
});

const webhooks = z.strictObject({
  /** Request header that carries the signature of the raw body. */
  signature_header: headerName,
  algorithm: z.enum(['hmac-sha256']).nullable().optional(),
  encoding: z.enum(['hex', 'base64']).nullable().optional(),
  /** What stands before the signature in the header, such as `sha256=`. */
  signature_prefix: z.string().nullable().optional(),
  /** JSON pointer to what names an event; the body itself names it where absent. An event is passed on once. */
  event_id: nullable(z.string().regex(/^\//, 'must be a JSON pointer')),
  /** JSON pointer to when the event was sent (seconds or milliseconds since the epoch, or RFC 3339). */
  timestamp: nullable(z.string().regex(/^\//, 'must be a JSON pointer')),
  /** Seconds that `timestamp` may differ from now. */
  tolerance: seconds.nullable().optional(),
  /** Seconds for which an event is known that was passed on. */
  remember: seconds.nullable().optional(),
});

const access = z.union([
  z.literal('none'),
  z.strictObject({
    sessions_with: z.array(z.string().regex(/^[a-z][a-z0-9-]{0,31}:.+$/, 'must be provider:subject')).min(1),
  }),
]);

const body = z.strictObject({
  name: z.string().min(1).nullable().optional(),
  protocol: z.enum(['oidc', 'oauth2']).nullable().optional(),
  grant: z.enum(['authorization_code', 'client_credentials']).nullable().optional(),
  issuer: nullable(z.url()),
  discovery_url: nullable(z.url()),
  endpoints: nullable(endpoints),
  client_authentication: z
    .enum(['client_secret_post', 'client_secret_basic', 'client_secret_basic_raw', 'none'])
    .nullable()
    .optional(),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope token (RFC 6749 section 3.3)'))
    .nullable()
    .optional(),
  /** What stands between scopes in requests and answers; RFC 6749 says a space. */
  scope_separator: z.enum(['space', 'comma']).nullable().optional(),
  /** By scope: what a person is told when it was not granted. */
  scope_hints: nullable(z.record(z.string().min(1), text.nullable())),
  /** What a person is told when the provider does not take this server's own registration. */
  registration_hint: nullable(text),
  authorization: nullable(authorization),
  token: nullable(token),
  revocation: nullable(revocation),
  api: nullable(api),
  account: nullable(account),
  organizations: nullable(organizations),
  webhooks: nullable(webhooks),
  /** `always`: the account is named and confirmed before it is stored. `on_change`: only another account than before. */
  confirm: z.enum(['always', 'on_change']).nullable().optional(),
  access: access.optional(),
  /** What a person should know after disconnecting, such as a token that stays valid for a while. */
  after_disconnect: nullable(text),
  documentation: nullable(z.strictObject({ url: nullable(z.url()), checklist: nullable(z.array(text)) })),
});

/** A file as written: everything optional but the id, since the rest may come from `extends`. */
export const providerFile = body.extend({
  id: providerId,
  extends: providerId.optional(),
  environments: nullable(z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), body.nullable())),
  default_environment: nullable(z.string()),
});

export type ProviderFile = z.infer<typeof providerFile>;
export type ProviderFileBody = z.infer<typeof body>;
export type ApiRequest = z.infer<typeof apiRequest>;
export type LocalizedText = z.infer<typeof text>;
