import { compact } from '../compact.js';
import type { ConfigurationProblem } from '../config/configuration-error.js';
import { isBrokenTemplate, isIssuerTemplate } from '../issuer.js';
import type { ClientKeys } from './client-keys.js';
import { headerProblems } from './environment-header.js';
import { mergeTrees } from './merge.js';
import type { Provider } from './provider.js';
import type { ProviderFile, ProviderFileBody } from './schema.js';
import { accountProblems, resolveAccount } from './sections/account.js';
import { apiProblems, resolveApi } from './sections/api.js';
import { authorizationProblems, resolveAuthorization } from './sections/authorization.js';
import { clientProblems, resolveClient } from './sections/client.js';
import { callbackProblems, resolveCallback } from './sections/callback.js';
import { addressProblems, resolveEndpoints } from './sections/endpoints.js';
import { organizationProblems, resolveOrganizations } from './sections/organizations.js';
import type { SectionProblem } from './sections/problem.js';
import { resolveRevocation, revocationProblems } from './sections/revocation.js';
import { resolveToken } from './sections/token.js';
import { resolveTokenExchange } from './sections/token-exchange.js';
import { tokenRequestProblems } from './sections/token-request.js';
import { resolveWebhooks, webhookProblems, type WebhookSettings } from './sections/webhooks.js';
import { resolveProviderVariables } from './variables/provider-variables.js';
import { unfilledAddress } from './variables/unfilled-address.js';
import { variableProblems } from './variables/variable-problems.js';
import { isHeaderText, isReservedSecret, secretNames, secretVariable, type Secrets } from './secret-value.js';
import { withoutNull } from './without-null.js';

export interface Registration {
  clientId: string;
  clientSecret?: string;
  environment?: string;
  webhooks?: WebhookSettings;
  clientKeys?: ClientKeys;
  /** What the file asks for with `{ secret: NAME }`, as far as the operator has set it. */
  secrets?: Secrets;
}

/** A definition with its environment laid over it, without the keys that only say how it came to be. */
export function inEnvironment(definition: ProviderFile, environment: string | undefined): ProviderFileBody {
  const { environments, extends: _base, default_environment: _default, id: _id, ...body } = definition;
  const chosen = environment === undefined ? undefined : environments?.[environment];
  return chosen ? mergeTrees(body, chosen) : body;
}

/** Makes a provider of its file and our registration there, or names what is missing or must not be. */
export function resolveProvider(
  definition: ProviderFile,
  registration: Registration,
  file: string,
  { production }: { production: boolean },
): { provider: Provider } | { problems: ConfigurationProblem[] } {
  const { id } = definition;
  const body = inEnvironment(definition, registration.environment);
  const protocol = body.protocol ?? 'oauth2';
  const confirm = body.confirm ?? 'on_change';
  const { secrets = {} } = registration;
  const problems = [
    ...serverProblems(body, protocol),
    ...apiProblems(body.api),
    ...addressProblems(addressesOf(body), production),
    ...clientProblems(id, body, registration),
    ...secretProblems(id, secretNames(body), secrets),
    ...tokenRequestProblems(body.token?.request),
    ...revocationProblems(body.revocation),
    ...organizationProblems(body.organizations),
    ...apiKeyProblems(body),
    ...authorizationProblems(body.authorization),
    ...callbackProblems(body.callback, {
      hasSecret: registration.clientSecret !== undefined,
      codeName: body.authorization?.response?.code,
    }),
    ...accountProblems(body.account, { protocol, confirm }),
    ...headerProblems(definition, registration.environment),
    ...webhookProblems(body.webhooks, id, registration.webhooks),
    ...variableProblems(body).map(({ what, remedy }): SectionProblem => ({ what, remedy })),
  ];
  if (problems.length > 0)
    return {
      problems: problems.map(({ where, what, remedy }) =>
        where === undefined ? { where: file, what: `${id}: ${what}`, remedy } : { where, what, remedy },
      ),
    };
  return {
    provider: compact({
      id,
      name: body.name ?? id,
      environment: registration.environment,
      protocol,
      grant: body.grant ?? 'authorization_code',
      issuer: body.issuer ?? undefined,
      discoveryUrl: body.discovery_url ?? undefined,
      endpoints: resolveEndpoints(body.endpoints),
      clientId: registration.clientId,
      clientSecret: registration.clientSecret,
      ...resolveClient(body, registration),
      scopes: body.scopes ?? [],
      scopeSeparator: body.scope_separator ?? 'space',
      scopeNames: new Map(Object.entries(withoutNull(body.scope_names ?? {}))),
      scopeContains: new Map(Object.entries(withoutNull(body.scope_contains ?? {}))),
      scopeHints: new Map(Object.entries(withoutNull(body.scope_hints ?? {}))),
      registrationHint: body.registration_hint ?? undefined,
      authorization: resolveAuthorization(body.authorization, protocol),
      token: resolveToken(body.token, protocol, secrets),
      callback: resolveCallback(body.callback),
      revocation: resolveRevocation(body.revocation, secrets),
      api: resolveApi(body.api, secrets),
      account: resolveAccount(body.account, protocol),
      organizations: body.organizations ? resolveOrganizations(body.organizations) : undefined,
      webhooks: resolveWebhooks(body.webhooks, registration.webhooks),
      confirm,
      variables: resolveProviderVariables(body, { production }),
      access: typeof body.access === 'object' ? { sessionsWith: body.access.sessions_with } : ('none' as const),
      afterDisconnect: body.after_disconnect ?? undefined,
      documentation: compact({
        url: body.documentation?.url ?? undefined,
        checklist: body.documentation?.checklist ?? [],
      }),
    }),
  };
}

function addressesOf({ issuer, discovery_url: discoveryUrl, api, endpoints, token }: ProviderFileBody) {
  const { first, renew } = resolveTokenExchange(token?.exchange) ?? {};
  return {
    'token.exchange.endpoint': first?.endpoint,
    'token.exchange.renew.endpoint': renew?.endpoint,
    issuer,
    discovery_url: discoveryUrl,
    'api.base_url': api?.base_url && unfilledAddress(api.base_url),
    ...resolveEndpoints(endpoints),
  };
}

function serverProblems(body: ProviderFileBody, protocol: Provider['protocol']): SectionProblem[] {
  const { issuer, discovery_url: discoveryUrl, endpoints, grant } = body;
  const problems: SectionProblem[] = [];
  if (protocol === 'oidc' && !issuer)
    problems.push({ what: 'an OpenID provider needs an issuer', remedy: 'Set the key issuer.' });
  if (issuer && isBrokenTemplate(issuer))
    problems.push({
      what: 'issuer has an unknown placeholder',
      remedy: 'Write {tid} for a whole segment of its path.',
    });
  else if (issuer && isIssuerTemplate(issuer) && !discoveryUrl && !endpoints?.jwks)
    problems.push({ what: 'issuer has a placeholder, so it has no metadata', remedy: 'Set discovery_url.' });
  if (issuer || discoveryUrl || grant === 'api_key') return problems;
  if (!endpoints?.token)
    problems.push({ what: 'there is no token endpoint', remedy: 'Set issuer, or endpoints.token.' });
  if (grant !== 'client_credentials' && !endpoints?.authorization)
    problems.push({ what: 'there is no authorization endpoint', remedy: 'Set issuer, or endpoints.authorization.' });
  return problems;
}

/** A key is tried once before it is stored. */
function apiKeyProblems({ grant, account, api }: ProviderFileBody): SectionProblem[] {
  if (grant !== 'api_key' || (account?.source === 'api' && account.request) || api?.auth_probe) return [];
  return [
    {
      what: 'grant: api_key needs a call that tries a key',
      remedy: 'Set account.source: api and account.request, or api.auth_probe.',
    },
  ];
}

/** Secrets that the file asks for, and that are not there or cannot be used. */
function secretProblems(id: string, names: readonly string[], secrets: Secrets): SectionProblem[] {
  return names.flatMap((name) => {
    const where = secretVariable(id, name);
    const value = secrets[name];
    if (isReservedSecret(name))
      return [{ what: `the secret ${name} has a name with a meaning of its own`, remedy: 'Choose another name.' }];
    if (value === undefined)
      return [
        { where, what: `the provider file of ${id} needs it, and it is not set`, remedy: `Set it, or ${where}_FILE.` },
      ];
    if (!isHeaderText(value))
      return [{ where, what: 'it holds what no header can carry', remedy: 'Write printable ASCII on one line.' }];
    return [];
  });
}
