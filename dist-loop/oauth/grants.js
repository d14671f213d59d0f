import * as openid from 'openid-client';
import { clientAuthentication } from './client-authentication.js';
import { HttpFailure } from './http.js';
import { readTokenAnswer, TokenEndpointError } from './token-response.js';
export function createGrants(http) {
    /** Runs one grant, and takes its answer as it comes from the wire. */
    const exchange = async (provider, server, run) => {
        let tokens;
        const configuration = configure(provider, server, async (url, options) => {
            tokens = readTokenAnswer(await post(http, url, options), provider.token.errors);
            return Response.json({ access_token: tokens.accessToken, token_type: 'bearer' });
        });
        try {
            await run(configuration);
        }
        catch (error) {
            throw toTokenEndpointError(error);
        }
        if (!tokens)
            throw new TokenEndpointError('malformed', 'no_answer');
        return tokens;
    };
    return {
        authorizationCode: (provider, server, { code, redirectUri, codeVerifier }) => exchange(provider, server, (configuration) => {
            const callback = new URL(redirectUri);
            callback.searchParams.set('code', code);
            if (server.issuer !== undefined)
                callback.searchParams.set('iss', server.issuer);
            const checks = codeVerifier === undefined ? {} : { pkceCodeVerifier: codeVerifier };
            return openid.authorizationCodeGrant(configuration, callback, checks, provider.token.parameters);
        }),
        refreshToken: (provider, server, refreshToken) => exchange(provider, server, (configuration) => openid.refreshTokenGrant(configuration, refreshToken, provider.token.parameters)),
        clientCredentials: (provider, server) => exchange(provider, server, (configuration) => openid.clientCredentialsGrant(configuration, {
            ...provider.token.parameters,
            ...(provider.scopes.length > 0 ? { scope: provider.scopes.join(' ') } : {}),
        })),
        revoke: async (provider, server, token, kind) => {
            let status = 0;
            const configuration = configure(provider, server, async (url, options) => {
                ({ status } = await post(http, url, options, 5_000));
                return new Response(null, { status: 200 });
            }, provider.revocation.clientAuthentication);
            await openid.tokenRevocation(configuration, token, { token_type_hint: kind }).catch(() => undefined);
            return status >= 200 && status < 300;
        },
    };
}
function configure(provider, server, fetch, authenticated = true) {
    const configuration = new openid.Configuration({
        // Servers without an issuer of their own are named by their token endpoint; nothing is compared with it.
        issuer: server.issuer ?? server.tokenEndpoint,
        token_endpoint: server.tokenEndpoint,
        ...(server.revocationEndpoint === undefined ? {} : { revocation_endpoint: server.revocationEndpoint }),
    }, provider.clientId, {}, authenticated ? clientAuthentication(provider) : () => undefined);
    configuration[openid.customFetch] = fetch;
    configuration.timeout = 15;
    // The scheme of every endpoint was checked when the provider file and the metadata were read.
    if (server.tokenEndpoint.startsWith('http:'))
        allowLoopback(configuration);
    return configuration;
}
function post(http, url, options, deadline) {
    return http(url, {
        method: 'POST',
        headers: { ...options.headers, accept: 'application/json' },
        body: options.body instanceof URLSearchParams ? options.body.toString() : '',
    }, deadline === undefined ? {} : { deadline });
}
function allowLoopback(configuration) {
    openid.allowInsecureRequests(configuration);
}
/** openid-client wraps what the fetch threw; ours is found along the causes. */
function toTokenEndpointError(error) {
    for (let at = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
        if (at instanceof TokenEndpointError)
            return at;
        if (at instanceof HttpFailure)
            return new TokenEndpointError(at.code === 'too_large' ? 'malformed' : 'transient', at.code, undefined, {
                cause: at,
            });
    }
    return new TokenEndpointError('malformed', 'unexpected', undefined, { cause: error });
}
