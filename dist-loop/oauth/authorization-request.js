import { codeChallenge, randomValue } from './pkce.js';
/**
 * The authorization request (RFC 6749 section 4.1.1; PKCE: RFC 7636; nonce: OpenID Connect Core 3.1.2.1). State, nonce
 * and verifier are new for each. A query that the configured endpoint already has is kept; none is doubled.
 */
export function authorizationRequest(provider, server, { redirectUri, callerParameters, reconsent, }) {
    const { parameters, pkce, nonce, reconsent: reconsentParameters } = provider.authorization;
    const secrets = {
        state: randomValue(),
        ...(nonce === 'off' ? {} : { nonce: randomValue() }),
        ...(pkce === 'off' ? {} : { codeVerifier: randomValue() }),
    };
    const url = new URL(server.authorizationEndpoint ?? '');
    const query = {
        ...callerParameters,
        ...(reconsent ? reconsentParameters : {}),
        ...parameters,
        response_type: 'code',
        client_id: provider.clientId,
        redirect_uri: redirectUri,
        ...(provider.scopes.length > 0 ? { scope: provider.scopes.join(' ') } : {}),
        state: secrets.state,
        ...(secrets.nonce === undefined ? {} : { nonce: secrets.nonce }),
        ...(secrets.codeVerifier === undefined
            ? {}
            : { code_challenge: codeChallenge(secrets.codeVerifier), code_challenge_method: 'S256' }),
    };
    for (const [name, value] of Object.entries(query))
        url.searchParams.set(name, value);
    url.hash = '';
    return { url: url.href, secrets };
}
