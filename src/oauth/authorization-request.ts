import { compact } from '../compact.js';
import type { Provider } from '../providers/provider.js';
import type { AuthorizationServer } from './authorization-server.js';
import { codeChallenge, randomValue } from './pkce.js';
import { scopeParameter } from './scopes.js';

/** What is remembered between the redirect out and the callback, beside who started it. */
export interface AuthorizationSecrets {
  state: string;
  nonce?: string;
  codeVerifier?: string;
}

export interface AuthorizationRequest {
  url: string;
  secrets: AuthorizationSecrets;
}

/**
 * The authorization request (RFC 6749 section 4.1.1; PKCE: RFC 7636; nonce: OpenID Connect Core 3.1.2.1). State, nonce
 * and verifier are new for each. A query that the configured endpoint already has is kept; none is doubled.
 */
export function authorizationRequest(
  provider: Provider,
  server: AuthorizationServer,
  {
    state,
    redirectUri,
    callerParameters,
    reconsent,
    another,
  }: {
    state: string;
    redirectUri: string;
    callerParameters: Readonly<Record<string, string>>;
    reconsent: boolean;
    /** For another account than those that are connected. */
    another: boolean;
  },
): AuthorizationRequest {
  const { parameters, pkce, nonce, names, fragment, response, responseType } = provider.authorization;
  const secrets: AuthorizationSecrets = {
    state,
    ...(nonce === 'off' ? {} : { nonce: randomValue() }),
    ...(pkce === 'off' ? {} : { codeVerifier: randomValue() }),
  };
  const url = new URL(server.authorizationEndpoint ?? '');
  const fixed = {
    ...callerParameters,
    ...(reconsent ? provider.authorization.reconsent : {}),
    ...parameters,
    ...(another ? provider.authorization.another : {}),
  };
  const own = compact({
    response_type: responseType,
    response_mode: response.mode,
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    ...scopeParameter(provider),
    state: secrets.state,
    ...(secrets.nonce === undefined ? {} : { nonce: secrets.nonce }),
    ...(secrets.codeVerifier === undefined
      ? {}
      : { code_challenge: codeChallenge(secrets.codeVerifier), code_challenge_method: 'S256' }),
  });
  for (const [name, value] of Object.entries(fixed)) url.searchParams.set(name, value);
  for (const [name, value] of Object.entries(own)) url.searchParams.set(names.get(name) ?? name, value);
  url.hash = fragment;
  return { url: url.href, secrets };
}
