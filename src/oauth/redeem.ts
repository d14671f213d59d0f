import { GatehouseError } from '../errors.js';
import type { Provider } from '../providers/provider.js';
import type { AuthorizationSecrets } from './authorization-request.js';
import type { AuthorizationServer } from './authorization-server.js';
import type { Grants } from './grants.js';
import { IdTokenError, verifyIdToken, type IdTokenClaims } from './id-token.js';
import type { JsonWebKeys } from './json-web-keys.js';
import { TokenEndpointError } from './token-response.js';
import { toTokenSet, type TokenSet } from './token-set.js';

export interface Redeemed {
  tokens: TokenSet;
  /** Verified; absent where the provider gives no ID token, or none that can be verified. */
  claims?: IdTokenClaims;
}

export interface CodeRedemption {
  code: string;
  redirectUri: string;
  secrets: AuthorizationSecrets;
}

interface Dependencies {
  grants: Grants;
  keys: JsonWebKeys;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Told of tokens that were issued and must not be used. */
  discard: (tokens: TokenSet) => Promise<void>;
}

/** Turns a code into tokens and, where there is one, a verified identity. Asks once. Throws GatehouseError. */
export async function redeemCode(
  { grants, keys, now, discard }: Dependencies,
  provider: Provider,
  server: AuthorizationServer,
  { code, redirectUri, secrets }: CodeRedemption,
): Promise<Redeemed> {
  const { codeVerifier, nonce } = secrets;
  const request = { code, redirectUri, ...(codeVerifier === undefined ? {} : { codeVerifier }) };
  const response = await grants.authorizationCode(provider, server, request).catch((error: unknown) => {
    throw exchangeFailure(error, provider);
  });
  const seconds = Math.floor(now() / 1000);
  const tokens = toTokenSet(response, provider, seconds);
  const { idToken } = response;
  const { idToken: rule } = provider.token;
  if (rule === 'none' || (rule === 'optional' && (idToken === undefined || !canVerify(provider, server))))
    return { tokens };
  try {
    if (idToken === undefined) throw new IdTokenError('id_token_invalid', 'missing');
    const expected = { provider, server, accessToken: tokens.accessToken, now: seconds };
    return {
      tokens,
      claims: await verifyIdToken(idToken, keys, nonce === undefined ? expected : { ...expected, nonce }),
    };
  } catch (error) {
    await discard(tokens);
    if (!(error instanceof IdTokenError)) throw error;
    throw new GatehouseError(
      error.code,
      'The identity that came with the answer is not acceptable. Nothing was connected.',
      {
        provider: provider.id,
        cause: error,
      },
    );
  }
}

/** An optional ID token of a server whose keys are nowhere told proves nothing and is left aside. */
function canVerify(provider: Provider, server: AuthorizationServer): boolean {
  return server.issuer !== undefined && (server.jwksUri !== undefined || provider.token.idTokenAlgorithm === 'HS256');
}

function exchangeFailure(error: unknown, provider: Provider): unknown {
  if (!(error instanceof TokenEndpointError)) return error;
  const context = { provider: provider.id, cause: error };
  switch (error.kind) {
    case 'dead_grant':
    case 'unrecognised':
      return new GatehouseError(
        'code_exchange_rejected',
        'The sign-in link expired or was used already. Try again.',
        context,
      );
    case 'configuration':
      return new GatehouseError(
        'provider_misconfigured',
        `${provider.name} does not accept this server's own registration. The administrator has to act.`,
        context,
      );
    case 'malformed':
      return new GatehouseError(
        'token_response_invalid',
        `${provider.name} gave an answer that cannot be used.`,
        context,
      );
    case 'transient':
      return new GatehouseError(
        'token_endpoint_unavailable',
        `${provider.name} cannot be reached. Try again in a moment.`,
        {
          ...context,
          retryAfter: error.retryAfter ?? 2,
        },
      );
  }
}
