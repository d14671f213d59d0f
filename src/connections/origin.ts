import { compact } from '../compact.js';
import type { AuthorizationServer } from '../oauth/authorization-server.js';
import type { Provider } from '../providers/provider.js';
import type { StoredValues } from '../providers/variables/provider-variables.js';
import { lackingValue, withValues } from '../providers/variables/with-values.js';

/** Where a connection was made, beside its environment and client id. It is sealed with the tokens. */
export interface ConnectionOrigin {
  apiOrigin: string;
  tokenEndpoint: string;
  /** Where refresh tokens go, if that is another origin than the token endpoint's. */
  refreshEndpoint?: string;
  issuer?: string;
}

/** What must be the same for the tokens to be sent anywhere. The word is what the log names. */
export type OriginDifference = 'variables' | 'environment' | 'client_id' | 'issuer' | 'token_endpoint' | 'api_origin';

interface Made {
  environment?: string;
  clientId: string;
  origin?: ConnectionOrigin;
}

export function originOf(provider: Provider, { tokenEndpoint }: AuthorizationServer): ConnectionOrigin {
  const { api, issuer } = provider;
  const refreshEndpoint = refreshElsewhere(provider, tokenEndpoint);
  return compact({ apiOrigin: api.baseUrl.origin, tokenEndpoint, refreshEndpoint, issuer });
}

/** Where tokens are renewed, if that is another server than the token endpoint's. */
function refreshElsewhere({ endpoints, token: { exchange } }: Provider, token: string): string | undefined {
  const refresh = exchange ? exchange.renew.endpoint : endpoints.refresh;
  return refresh !== undefined && new URL(refresh).origin !== new URL(token).origin ? refresh : undefined;
}

/**
 * What differs between where a connection was made and where the provider's configuration leads now. A record without an
 * origin is of a release before 0.3, which wrote environment and client alone. A token endpoint that discovery names is
 * compared when it is known: see `isTokenEndpointOf`.
 */
export function originDifference(provider: Provider, made: Made): OriginDifference | undefined {
  const { origin } = made;
  if (made.environment !== provider.environment) return 'environment';
  if (made.clientId !== provider.clientId) return 'client_id';
  if (!origin) return undefined;
  const { token = origin.tokenEndpoint } = provider.endpoints;
  if (origin.issuer !== provider.issuer) return 'issuer';
  if (origin.tokenEndpoint !== token) return 'token_endpoint';
  if (origin.refreshEndpoint !== refreshElsewhere(provider, token)) return 'token_endpoint';
  return origin.apiOrigin === provider.api.baseUrl.origin ? undefined : 'api_origin';
}

/** Whether a connection's tokens are this server's to see. */
export function isTokenEndpointOf({ tokenEndpoint }: AuthorizationServer, { origin }: Pick<Made, 'origin'>): boolean {
  return origin === undefined || origin.tokenEndpoint === tokenEndpoint;
}

/** The same for a connection, whose own addresses are those that its values lead to by today's file. */
export function connectionDifference(
  provider: Provider,
  made: Made & { variables?: StoredValues },
): OriginDifference | undefined {
  if (lackingValue(provider, made.variables) !== undefined) return 'variables';
  return originDifference(withValues(provider, made.variables), made);
}
