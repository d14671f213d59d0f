import { z } from 'zod';
import { nullable, text } from './field-types.js';
import { account } from './sections/account.js';
import { api } from './sections/api.js';
import { authorization } from './sections/authorization.js';
import { callback } from './sections/callback.js';
import { clientAssertion, clientAuthentication } from './sections/client.js';
import { endpoints } from './sections/endpoints.js';
import { organizations } from './sections/organizations.js';
import { revocation } from './sections/revocation.js';
import { token } from './sections/token.js';
import { variables } from './sections/variables.js';
import { webhooks } from './sections/webhooks.js';

/*
 * The provider file. Each section is defined in one file of sections/: its keys, what they resolve to, and what is
 * wrong with them. The loader checks files against this schema, the JSON Schema in docs/ is made from it, and the types
 * of a provider are inferred from the sections. Names stay as they are in the file.
 */

export type { ApiRequest, LocalizedText } from './field-types.js';

export const providerId = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must match ^[a-z][a-z0-9-]{0,31}$');

const access = z.union([
  z.literal('none'),
  z.strictObject({
    sessions_with: z.array(z.string().regex(/^[a-z][a-z0-9-]{0,31}:.+$/, 'must be provider:subject')).min(1),
  }),
]);

const body = z.strictObject({
  name: nullable(z.string().min(1)),
  protocol: nullable(z.enum(['oidc', 'oauth2'])),
  grant: nullable(z.enum(['authorization_code', 'client_credentials', 'api_key'])),
  issuer: nullable(z.url()),
  discovery_url: nullable(z.url()),
  endpoints: nullable(endpoints),
  client_authentication: nullable(clientAuthentication),
  client_assertion: nullable(clientAssertion),
  scopes: nullable(
    z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope token (RFC 6749 section 3.3)')),
  ),
  /** What stands between scopes in requests and responses; RFC 6749 says a space. */
  scope_separator: nullable(z.enum(['space', 'comma'])),
  /** By scope: further names under which the server grants it. */
  scope_names: nullable(z.record(z.string().min(1), z.array(z.string().min(1)).nullable())),
  /** By scope: the scopes that it contains, so that they are not missed. */
  scope_contains: nullable(z.record(z.string().min(1), z.array(z.string().min(1)).nullable())),
  /** By scope: what a person reads when it was not granted. */
  scope_hints: nullable(z.record(z.string().min(1), text.nullable())),
  /** What a person reads when the provider does not take this server's own registration. */
  registration_hint: nullable(text),
  /** Values of one connection, usable as `{name}` in addresses, paths, headers and parameters. */
  variables: nullable(variables),
  authorization: nullable(authorization),
  callback: nullable(callback),
  token: nullable(token),
  revocation: nullable(revocation),
  api: nullable(api),
  account: nullable(account),
  organizations: nullable(organizations),
  webhooks: nullable(webhooks),
  /** `always`: the account is named and confirmed before it is stored. `on_change`: only another account than before. */
  confirm: nullable(z.enum(['always', 'on_change'])),
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
