import type { AuthorizationServer } from '../../oauth/authorization-server.js';
import type { TokenResponse } from '../../oauth/token-response.js';
import { isTokenEndpointOf } from '../origin.js';
import type { RefreshAttempt, RefreshDependencies } from './attempt.js';
import { reauthRequired } from './failure.js';
import { lateResponseTimeoutMs } from './response-times.js';

/** A token request on its way. */
export interface TokenRequest {
  response: Promise<TokenResponse>;
  /** True: the lock was lost before the request left, and nothing was sent. */
  isWithheld: () => boolean;
}

/** Asks the token endpoint, unless the lock is lost by the moment that the request leaves. */
export function sendRefresh(
  dependencies: RefreshDependencies,
  server: AuthorizationServer,
  attempt: RefreshAttempt,
): TokenRequest {
  let withheld = false;
  const maySend = (): boolean => {
    // This process may have been stopped since the lock was confirmed, and another one may have sent the token.
    withheld ||= !attempt.lock.isHeld();
    return !withheld;
  };
  return { response: requestTokens(dependencies, server, attempt, maySend), isWithheld: () => withheld };
}

async function requestTokens(
  { grants, log }: RefreshDependencies,
  server: AuthorizationServer,
  { ref: { provider }, stored }: RefreshAttempt,
  maySend: () => boolean,
): Promise<TokenResponse> {
  const sending = { timeoutMs: lateResponseTimeoutMs, maySend };
  if (provider.grant === 'client_credentials') return grants.clientCredentials(provider, server, sending);
  const connection = stored?.connection;
  const refreshToken = connection?.tokens?.refreshToken;
  if (refreshToken === undefined) throw reauthRequired(provider);
  if (!isTokenEndpointOf(server, connection ?? {})) {
    log.warn('connection.made_elsewhere', { provider: provider.id, code: 'token_endpoint' });
    throw reauthRequired(provider);
  }
  return grants.refreshToken(provider, server, refreshToken, sending);
}
