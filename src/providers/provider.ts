import type { ClientCertificate, ClientKey } from './client-keys.js';
import type { LocalizedText } from './field-types.js';
import type { resolveAccount } from './sections/account.js';
import type { resolveApi } from './sections/api.js';
import type { resolveAuthorization } from './sections/authorization.js';
import type { ClientAuthentication } from './sections/client.js';
import type { resolveCallback } from './sections/callback.js';
import type { Endpoints } from './sections/endpoints.js';
import type { Organizations } from './sections/organizations.js';
import type { resolveRevocation } from './sections/revocation.js';
import type { resolveToken } from './sections/token.js';
import type { Webhooks } from './sections/webhooks.js';
import type { ProviderVariables } from './variables/provider-variables.js';

export type { AllowRule, ApiExample } from './sections/api.js';
export type { ClientCertificate, ClientKey } from './client-keys.js';
export type { Organizations } from './sections/organizations.js';
export type { GraphqlRules } from './sections/api-graphql.js';
export type { TokenExchange } from './sections/token-exchange.js';
export type { TokenErrorRules } from './sections/token.js';
export type { Webhooks } from './sections/webhooks.js';

/** An authorization server and its API with our credentials there: one file of the catalogue, resolved and whole. */
export interface Provider {
  id: string;
  name: string;
  /** The chosen environment; absent where the file knows none. */
  environment?: string;
  protocol: 'oidc' | 'oauth2';
  grant: 'authorization_code' | 'client_credentials' | 'api_key';
  issuer?: string;
  discoveryUrl?: string;
  endpoints: Endpoints;
  clientId: string;
  clientSecret?: string;
  clientAuthentication: ClientAuthentication;
  /** Those that sign client assertions; a server that refuses the first one may know the second. */
  clientKeys: readonly ClientKey[];
  clientAssertion: { issuer?: string; audience?: string };
  /** Presented at the authorization server where the client authenticates by it, and at the API where the file says so. */
  clientCertificate?: ClientCertificate;
  scopes: readonly string[];
  scopeSeparator: 'space' | 'comma';
  /** By scope: further names under which the server grants it. */
  scopeNames: ReadonlyMap<string, readonly string[]>;
  /** By scope: the scopes that it contains. */
  scopeContains: ReadonlyMap<string, readonly string[]>;
  /** By scope: what a person reads when it was not granted. */
  scopeHints: ReadonlyMap<string, LocalizedText>;
  registrationHint?: LocalizedText;
  authorization: Readonly<ReturnType<typeof resolveAuthorization>>;
  /** Absent where the provider signs nothing. */
  callback?: ReturnType<typeof resolveCallback>;
  token: Readonly<ReturnType<typeof resolveToken>>;
  revocation: Readonly<ReturnType<typeof resolveRevocation>>;
  api: Readonly<ReturnType<typeof resolveApi>>;
  account: Readonly<ReturnType<typeof resolveAccount>>;
  organizations?: Organizations;
  /** Absent where the provider has none, or the operator wants none. */
  webhooks?: Webhooks;
  confirm: 'always' | 'on_change';
  access: 'none' | { sessionsWith: readonly string[] };
  /** What its connections differ in; absent where they are all alike. Addresses that name them are not filled in here. */
  variables?: ProviderVariables;
  /** The one that this was filled from, with the values of a connection. */
  unfilled?: Provider;
  afterDisconnect?: LocalizedText;
  documentation: { url?: string; checklist: readonly LocalizedText[] };
}
