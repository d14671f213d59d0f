import { compact } from '../compact.js';
import { GatehouseError, type ProblemContext } from '../errors.js';
import type { Log } from '../log/log.js';
import type { Provider } from '../providers/provider.js';
import type { StoredValues } from '../providers/variables/provider-variables.js';
import { withValues } from '../providers/variables/with-values.js';
import type { AuthorizationSecrets } from './authorization-request.js';
import { readAccount, type AccountIdentity } from './account.js';
import { learnValues } from './learn-values.js';
import { accountByValues, proveAccount } from './prove-account.js';
import { withEndpoints, type AuthorizationServer } from './authorization-server.js';
import type { Grants } from './grants.js';
import type { HttpClient } from '../http/client.js';
import { IdTokenError, verifyIdToken, type Expectation, type IdTokenClaims, type IdTokenIdentity } from './id-token.js';
import type { JsonWebKeys } from './json-web-keys.js';
import { isSubject } from './signed-claims.js';
import { TokenEndpointError } from './token-endpoint-error.js';
import { toTokenSet, type TokenSet } from './token-set.js';

export interface Redeemed {
  tokens: TokenSet;
  account: AccountIdentity;
  /** Absent where no ID token was verified. */
  identity?: IdTokenIdentity;
  /** Absent where the provider file has no variables. */
  variables?: StoredValues;
}

export interface CodeRedemption {
  code: string;
  redirectUri: string;
  secrets: AuthorizationSecrets;
  /** What the caller and the callback said of the variables. */
  variables?: StoredValues;
}

interface Dependencies {
  grants: Grants;
  keys: JsonWebKeys;
  http: HttpClient;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Told of tokens that were issued and must not be used. */
  discard: (tokens: TokenSet) => Promise<void>;
}

/** Turns a code into tokens and the account that they belong to. Asks once. Throws GatehouseError. */
export async function redeemCode(
  { grants, keys, http, log, now, discard }: Dependencies,
  provider: Provider,
  server: AuthorizationServer,
  { code, redirectUri, secrets, variables: said = {} }: CodeRedemption,
): Promise<Redeemed> {
  const { codeVerifier, nonce } = secrets;
  const request = { code, redirectUri, ...(codeVerifier === undefined ? {} : { codeVerifier }) };
  const response = await grants.authorizationCode(provider, server, request).catch((error: unknown) => {
    throw exchangeFailure(error, provider);
  });
  const at = now();
  const tokens = toTokenSet(response, provider, at);
  try {
    const { accessToken } = tokens;
    const expected = {
      provider,
      server,
      accessToken,
      now: at,
      ...(nonce === undefined ? {} : { nonce }),
    };
    const claims = await verifiedClaims(response.idToken, keys, expected);
    const told = { accessToken, ...compact({ told: response.told }), claims };
    const variables = provider.variables && (await learnValues(http, provider, said, told));
    const whole = withValues(provider, variables);
    if (variables) await proveAccount(http, whole, accessToken);
    const known = withEndpoints(server, whole);
    const account = {
      ...compact({ subject: variables && accountByValues(whole, variables) }),
      ...(await readAccount({ http, log }, whole, known, tokens, claims)),
    };
    refuseNameless(account, provider);
    return compact({ tokens, account, identity: claims && identityOf(claims), variables });
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

function identityOf({ iss, sub, sid }: IdTokenClaims): IdTokenIdentity {
  return { iss: String(iss), sub, ...(isSubject(sid) ? { sid } : {}) };
}

/** Where the person has to confirm the account, one without a name would be confirmed blindly. */
function refuseNameless({ subject, label }: AccountIdentity, provider: Provider): void {
  if (provider.confirm === 'on_change' || subject !== undefined || label !== undefined) return;
  throw new GatehouseError(
    'upstream_invalid_response',
    `${provider.name} did not say whose account this is, so it cannot be confirmed. Nothing was connected; start again.`,
    provider.id,
  );
}

/** Undefined where the provider gives no ID token, or none that can be verified and need not be. Throws IdTokenError. */
async function verifiedClaims(
  idToken: string | undefined,
  keys: JsonWebKeys,
  expected: Expectation,
): Promise<IdTokenClaims | undefined> {
  const { provider, server } = expected;
  const { idToken: rule } = provider.token;
  if (rule === 'none') return undefined;
  if (rule === 'optional' && (idToken === undefined || !canVerify(provider, server))) return undefined;
  if (idToken === undefined) throw new IdTokenError('id_token_invalid', 'missing');
  return verifyIdToken(idToken, keys, expected);
}

/** An optional ID token of a server whose keys are nowhere told proves nothing and is left aside. */
function canVerify(provider: Provider, server: AuthorizationServer): boolean {
  return server.issuer !== undefined && (server.jwksUri !== undefined || provider.token.idTokenAlgorithm === 'HS256');
}

/** Members of a token response that a message may name. */
const tokenMembers = new Set(['access_token', 'refresh_token', 'id_token', 'token_type', 'expires_in']);

function expired(context: ProblemContext): GatehouseError {
  return new GatehouseError(
    'code_exchange_rejected',
    'The sign-in link expired or was used already. Try again.',
    context,
  );
}

function exchangeFailure(error: unknown, provider: Provider): unknown {
  if (!(error instanceof TokenEndpointError)) return error;
  const context = { provider: provider.id, cause: error };
  if (error.kind === 'dead_grant' && provider.token.errors.interaction.has(error.code))
    return new GatehouseError(
      'interaction_required',
      `${provider.name} asks for a further step of the person, such as a second factor. Start again and complete it there.`,
      context,
    );
  switch (error.kind) {
    case 'dead_grant':
      return expired(context);
    case 'unrecognised':
      // A bare 400 is how some servers refuse a code that has expired. Any other refusal speaks of the request.
      if (error.code === 'http_400' && error.description === undefined) return expired(context);
      return new GatehouseError(
        'provider_misconfigured',
        `${provider.name} refused for a reason that this server does not know. The administrator finds it in the log.`,
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
        `The token response of ${provider.name} cannot be used${tokenMembers.has(error.code) ? `: look at its member ${error.code}` : ''}.`,
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
