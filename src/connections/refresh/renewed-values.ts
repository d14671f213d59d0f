import { jwtClaims } from '../../oauth/jwt-claims.js';
import { renewedValues } from '../../oauth/learn-values.js';
import { TokenEndpointError, type TokenResponse } from '../../oauth/token-response.js';
import { toTokenSet } from '../../oauth/token-set.js';
import type { StoredValues } from '../../providers/variables/provider-variables.js';
import type { RefreshAttempt, RefreshDependencies } from './attempt.js';

/**
 * The connection's values after a renewal. What the provider tells is compared: another value is another account, but for an
 * origin that may follow. Then the new tokens are given back where that ends nothing that lives, and nothing is done with them.
 * Throws TokenEndpointError.
 */
export async function valuesAfterRenewal(
  { http, revoker, now }: RefreshDependencies,
  { ref: { provider }, stored }: RefreshAttempt,
  response: TokenResponse,
): Promise<StoredValues | undefined> {
  const before = stored?.connection?.variables;
  const { variables } = provider;
  if (!variables || !before) return before;
  const { accessToken, told = {}, idToken } = response;
  const claims = idToken === undefined ? undefined : jwtClaims(idToken);
  const { values, changed } = await renewedValues(http, provider, before, { accessToken, told, claims });
  const isAnother = changed.some((name) => !variables.declared.get(name)?.follow || values[name] === before[name]);
  if (!isAnother) return changed.length > 0 ? values : before;
  await revoker.release(provider, { tokens: toTokenSet(response, provider, now()), variables: before }, []);
  throw new TokenEndpointError('dead_grant', 'account_changed');
}
