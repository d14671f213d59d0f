import type { ConfigurationProblem } from '../config/configuration-error.js';
import { account, accountProblems } from './account.js';
import { headerProblems } from './environment-header.js';
import { mergeTrees } from './merge.js';
import { optional, withoutNull } from './optional.js';
import type { Endpoints, Provider } from './provider.js';
import type { ProviderFile, ProviderFileBody } from './schema.js';
import { variable } from './variable.js';
import { webhookProblems, webhooks } from './webhooks.js';

export interface Registration {
  clientId: string;
  clientSecret?: string;
  environment?: string;
  webhookSecret?: string;
  webhookForwardUrl?: string;
}

export interface ResolveOptions {
  production: boolean;
}

/** A definition with its environment laid over it, without the keys that only say how it came to be. */
export function inEnvironment(definition: ProviderFile, environment: string | undefined): ProviderFileBody {
  const { environments, extends: _base, default_environment: _default, id: _id, ...body } = definition;
  const chosen = environment === undefined ? undefined : environments?.[environment];
  return chosen ? mergeTrees(body, chosen) : body;
}

/** Makes a provider of its file and our registration there, or says what is missing or must not be. */
export function resolveProvider(
  definition: ProviderFile,
  registration: Registration,
  file: string,
  { production }: ResolveOptions,
): { provider: Provider } | { problems: ConfigurationProblem[] } {
  const body = inEnvironment(definition, registration.environment);
  const problems: ConfigurationProblem[] = [];
  const refuse = (what: string, remedy: string) =>
    problems.push({ where: file, what: `${definition.id}: ${what}`, remedy });

  const protocol = body.protocol ?? 'oauth2';
  const grant = body.grant ?? 'authorization_code';
  const endpoints = withoutNull(body.endpoints ?? {}) as Endpoints;

  if (protocol === 'oidc' && !body.issuer) refuse('an OpenID provider needs an issuer', 'Set the key issuer.');
  if (!body.issuer && !body.discovery_url) {
    if (!endpoints.token) refuse('there is no token endpoint', 'Set issuer, or endpoints.token.');
    if (grant === 'authorization_code' && !endpoints.authorization)
      refuse('there is no authorization endpoint', 'Set issuer, or endpoints.authorization.');
  }
  if (!body.api?.base_url) refuse('there is no API to forward calls to', 'Set the key api.base_url.');
  const baseUrl = new URL(body.api?.base_url ?? 'https://invalid.invalid');
  if (baseUrl.search || baseUrl.hash || baseUrl.username || baseUrl.password)
    refuse('api.base_url has a query, a fragment or a user', 'Leave only scheme, host, port and path.');

  const addresses = {
    issuer: body.issuer,
    discovery_url: body.discovery_url,
    'api.base_url': body.api?.base_url,
    ...endpoints,
  };
  for (const [key, address] of Object.entries(addresses)) {
    if (address && !isAcceptable(new URL(address), production))
      refuse(
        `${key} is not https`,
        production ? 'Production talks https only.' : 'Use https; http is accepted on a loopback address only.',
      );
  }

  const clientAuthentication = body.client_authentication ?? 'client_secret_post';
  if (clientAuthentication !== 'none' && !registration.clientSecret)
    problems.push({
      where: variable(definition.id, 'CLIENT_SECRET'),
      what: `${definition.id} has a client id and no client secret`,
      remedy: 'Set it, or set client_authentication: none in the file for a public client.',
    });
  if (clientAuthentication === 'none' && body.authorization?.pkce === 'off')
    refuse('a public client without PKCE', 'Set authorization.pkce: S256 (RFC 9700 section 2.1.1).');
  if (grant === 'client_credentials' && clientAuthentication === 'none')
    refuse('client credentials without a secret', 'Set another client_authentication.');

  const callerParameters = new Map<string, RegExp>();
  for (const [parameter, pattern] of Object.entries(withoutNull(body.authorization?.caller_parameters ?? {}))) {
    if (reserved.has(parameter)) refuse(`caller_parameters.${parameter} is ours to set`, 'Remove it.');
    try {
      callerParameters.set(parameter, new RegExp(`^(?:${pattern})$`, 'u'));
    } catch {
      refuse(`caller_parameters.${parameter} is not a regular expression`, 'Correct the pattern.');
    }
  }
  for (const fixed of Object.keys(body.authorization?.parameters ?? {}))
    if (reserved.has(fixed)) refuse(`authorization.parameters.${fixed} is ours to set`, 'Remove it.');
  problems.push(...accountProblems(definition.id, body, file));
  problems.push(...headerProblems(definition, registration.environment, file));
  problems.push(...webhookProblems(definition.id, body, registration));
  if (problems.length > 0) return { problems };

  const errors = body.token?.errors ?? {};
  return {
    provider: {
      id: definition.id,
      name: body.name ?? definition.id,
      ...optional('environment', registration.environment),
      protocol,
      grant,
      ...optional('issuer', body.issuer),
      ...optional('discoveryUrl', body.discovery_url),
      endpoints,
      clientId: registration.clientId,
      ...optional('clientSecret', registration.clientSecret),
      clientAuthentication,
      scopes: body.scopes ?? [],
      scopeSeparator: body.scope_separator ?? 'space',
      scopeHints: new Map(Object.entries(withoutNull(body.scope_hints ?? {}))),
      ...optional('registrationHint', body.registration_hint),
      authorization: {
        parameters: withoutNull(body.authorization?.parameters ?? {}),
        callerParameters,
        pkce: body.authorization?.pkce ?? 'S256',
        state: body.authorization?.state ?? 'required',
        nonce: body.authorization?.nonce ?? (protocol === 'oidc' ? 'required' : 'off'),
        reconsent: body.authorization?.reconsent ?? {},
        denial: body.authorization?.denial ?? 'error',
        ...optional('locale', body.authorization?.locale),
      },
      token: {
        parameters: withoutNull(body.token?.parameters ?? {}),
        idToken: body.token?.id_token ?? (protocol === 'oidc' ? 'required' : 'none'),
        idTokenAlgorithm: body.token?.id_token_algorithm ?? 'RS256',
        trustedAudiences: body.token?.trusted_audiences ?? [],
        ...optional('scopeClaim', body.token?.scope_claim),
        bearerTypes: new Set(['bearer', ...(body.token?.bearer_types ?? []).map((type) => type.toLowerCase())]),
        defaultLifetime: body.token?.default_lifetime ?? 3600,
        warnBefore: body.token?.warn_before ?? 86400,
        errors: {
          deadGrant: new Set([
            ...(errors.dead_grant ?? ['invalid_grant']),
            ...(errors.interaction ?? interactionErrors),
          ]),
          interaction: new Set(errors.interaction ?? interactionErrors),
          configuration: new Set(errors.configuration ?? configurationErrors),
          messages: errors.messages ?? [],
          ...optional('otherwise', errors.otherwise),
          refusedAt200: errors.refused_at_200 ?? [],
          hints: errors.hints ?? {},
        },
      },
      revocation: {
        token: body.revocation?.token ?? 'refresh_token',
        ends: body.revocation?.ends ?? 'token',
        clientAuthentication: body.revocation?.client_authentication ?? true,
      },
      api: {
        baseUrl,
        headers: withoutNull(body.api?.headers ?? {}),
        ...optional('allow', body.api?.allow),
        redirectHosts: body.api?.redirect_hosts ?? [],
        cache: body.api?.cache ?? 'no-store',
        style: body.api?.style ?? 'rest',
        authFailureStatus: body.api?.auth_failure_status ?? [401],
        ...optional('authProbe', body.api?.auth_probe),
        ...optional('authFailureBody', body.api?.auth_failure_body),
        forwardRequestHeaders: body.api?.forward_request_headers ?? [],
        examples: (body.api?.examples ?? []).map((example) => ({ ...example, method: example.method ?? 'GET' })),
      },
      account: account(body, protocol),
      ...optional('organizations', organizations(body)),
      ...optional('webhooks', webhooks(body, registration)),
      confirm: body.confirm ?? 'on_change',
      access: typeof body.access === 'object' ? { sessionsWith: body.access.sessions_with } : 'none',
      ...optional('afterDisconnect', body.after_disconnect),
      documentation: {
        ...optional('url', body.documentation?.url),
        checklist: body.documentation?.checklist ?? [],
      },
    },
  };
}

/** Parameters of the authorization request that this server sets by itself (RFC 6749 4.1.1, RFC 7636 4.3, OpenID Connect Core 3.1.2.1). */
const reserved = new Set([
  ...[
    'response_type',
    'client_id',
    'redirect_uri',
    'scope',
    'state',
    'nonce',
    'code_challenge',
    'code_challenge_method',
  ],
  ...['response_mode', 'request', 'request_uri', 'client_secret', 'code', 'code_verifier'],
]);
/** OpenID Connect Core 3.1.2.6: the person has to be there; `mfa_required` is what some call a second factor. */
const interactionErrors = [
  ...['interaction_required', 'login_required', 'consent_required', 'account_selection_required', 'mfa_required'],
];
const configurationErrors = [
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
];

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function isAcceptable(url: URL, production: boolean): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && !production && isLoopback(url.hostname));
}

function organizations(body: ProviderFileBody): Provider['organizations'] {
  if (!body.organizations) return undefined;
  const {
    request,
    pointer = '',
    id,
    name,
    header,
    scope,
    required = false,
    refusal_status: refusalStatus = [],
  } = body.organizations;
  return { request, pointer, id, name, header, ...optional('scope', scope), required, refusalStatus };
}
