import { GatehouseError } from '../errors.js';
import { readAccount } from './account.js';
import { IdTokenError, verifyIdToken } from './id-token.js';
import { TokenEndpointError } from './token-response.js';
import { toTokenSet } from './token-set.js';
/** Turns a code into tokens and the account that they belong to. Asks once. Throws GatehouseError. */
export async function redeemCode({ grants, keys, http, log, now, discard }, provider, server, { code, redirectUri, secrets }) {
    const { codeVerifier, nonce } = secrets;
    const request = { code, redirectUri, ...(codeVerifier === undefined ? {} : { codeVerifier }) };
    const response = await grants.authorizationCode(provider, server, request).catch((error) => {
        throw exchangeFailure(error, provider);
    });
    const seconds = Math.floor(now() / 1000);
    const tokens = toTokenSet(response, provider, seconds);
    try {
        const { accessToken } = tokens;
        const expected = { provider, server, accessToken, now: seconds, ...(nonce === undefined ? {} : { nonce }) };
        const claims = await verifiedClaims(response.idToken, keys, expected);
        return { tokens, account: await readAccount({ http, log }, provider, server, tokens, claims) };
    }
    catch (error) {
        await discard(tokens);
        if (!(error instanceof IdTokenError))
            throw error;
        throw new GatehouseError(error.code, 'The identity that came with the answer is not acceptable. Nothing was connected.', {
            provider: provider.id,
            cause: error,
        });
    }
}
/** Undefined where the provider gives no ID token, or none that can be verified and need not be. Throws IdTokenError. */
async function verifiedClaims(idToken, keys, expected) {
    const { provider, server } = expected;
    const { idToken: rule } = provider.token;
    if (rule === 'none')
        return undefined;
    if (rule === 'optional' && (idToken === undefined || !canVerify(provider, server)))
        return undefined;
    if (idToken === undefined)
        throw new IdTokenError('id_token_invalid', 'missing');
    return verifyIdToken(idToken, keys, expected);
}
/** An optional ID token of a server whose keys are nowhere told proves nothing and is left aside. */
function canVerify(provider, server) {
    return server.issuer !== undefined && (server.jwksUri !== undefined || provider.token.idTokenAlgorithm === 'HS256');
}
function exchangeFailure(error, provider) {
    if (!(error instanceof TokenEndpointError))
        return error;
    const context = { provider: provider.id, cause: error };
    switch (error.kind) {
        case 'dead_grant':
        case 'unrecognised':
            return new GatehouseError('code_exchange_rejected', 'The sign-in link expired or was used already. Try again.', context);
        case 'configuration':
            return new GatehouseError('provider_misconfigured', `${provider.name} does not accept this server's own registration. The administrator has to act.`, context);
        case 'malformed':
            return new GatehouseError('token_response_invalid', `${provider.name} gave an answer that cannot be used.`, context);
        case 'transient':
            return new GatehouseError('token_endpoint_unavailable', `${provider.name} cannot be reached. Try again in a moment.`, {
                ...context,
                retryAfter: error.retryAfter ?? 2,
            });
    }
}
