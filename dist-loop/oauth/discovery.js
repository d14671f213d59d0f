import { GatehouseError } from '../errors.js';
import { describeError } from '../log.js';
import { isLoopback } from '../providers/resolve.js';
import { HttpFailure } from './http.js';
const ageLimit = 3_600_000;
const failureAge = 2_000;
export function createServerDirectory({ http, log, production, now }) {
    const entries = new Map();
    const refetch = (provider, entry) => (entry.fetching ??= discover(provider, http, production)
        .then((server) => {
        entry.server = server;
        delete entry.failure;
        entry.goodUntil = now() + ageLimit;
        return server;
    })
        .catch((error) => {
        const failure = toFailure(error, provider);
        log.warn('discovery.failed', { provider: provider.id, code: failure.code, ...describeError(error) });
        entry.goodUntil = now() + failureAge;
        entry.failure = failure;
        if (entry.server && failure.code === 'discovery_pending')
            return entry.server;
        delete entry.server;
        throw failure;
    })
        .finally(() => delete entry.fetching));
    const get = async (provider) => {
        const written = fromFile(provider);
        if (written)
            return written;
        const entry = entries.get(provider.id) ?? { goodUntil: 0 };
        entries.set(provider.id, entry);
        const fresh = now() < entry.goodUntil;
        if (entry.server) {
            if (!fresh)
                refetch(provider, entry).catch(() => undefined);
            return entry.server;
        }
        if (fresh && entry.failure && !entry.fetching)
            throw entry.failure;
        return refetch(provider, entry);
    };
    const state = (provider) => {
        const entry = entries.get(provider.id);
        if (fromFile(provider) ?? entry?.server)
            return 'ready';
        return entry?.failure?.code === 'provider_misconfigured' ? 'misconfigured' : 'pending';
    };
    return { get, state };
}
/** Without an issuer there is nothing to discover; with every endpoint given by hand there is no need to. */
function fromFile({ issuer, discoveryUrl, endpoints, protocol }) {
    const { authorization, token, revocation, userinfo, jwks } = endpoints;
    const complete = token !== undefined && (protocol === 'oauth2' ? authorization !== undefined : authorization && jwks);
    if (token === undefined || discoveryUrl !== undefined || (issuer !== undefined && !complete))
        return undefined;
    return {
        ...(issuer === undefined ? {} : { issuer }),
        ...(authorization === undefined ? {} : { authorizationEndpoint: authorization }),
        tokenEndpoint: token,
        ...(revocation === undefined ? {} : { revocationEndpoint: revocation }),
        ...(userinfo === undefined ? {} : { userinfoEndpoint: userinfo }),
        ...(jwks === undefined ? {} : { jwksUri: jwks }),
        issParameterSupported: false,
    };
}
async function discover(provider, http, production) {
    const metadata = await fetchMetadata(provider, http);
    const { endpoints, issuer } = provider;
    const published = text(metadata, 'issuer');
    if (issuer !== undefined && (published === undefined || withoutSlash(published) !== withoutSlash(issuer)))
        throw misconfigured(provider, 'its published issuer is another one than the configured (RFC 8414 section 3.3)');
    const authorization = endpoints.authorization ?? text(metadata, 'authorization_endpoint');
    const token = endpoints.token ?? text(metadata, 'token_endpoint');
    const revocation = endpoints.revocation ?? text(metadata, 'revocation_endpoint');
    const userinfo = endpoints.userinfo ?? text(metadata, 'userinfo_endpoint');
    const jwks = endpoints.jwks ?? text(metadata, 'jwks_uri');
    if (token === undefined)
        throw misconfigured(provider, 'its metadata names no token endpoint');
    if (authorization === undefined && provider.grant === 'authorization_code')
        throw misconfigured(provider, 'its metadata names no authorization endpoint');
    if (jwks === undefined && provider.protocol === 'oidc' && provider.token.idTokenAlgorithm !== 'HS256')
        throw misconfigured(provider, 'its metadata names no keys (jwks_uri)');
    for (const address of [authorization, token, revocation, userinfo, jwks])
        if (address !== undefined && !isUsable(address, production))
            throw misconfigured(provider, 'its metadata names an endpoint that is not https');
    return {
        ...(published === undefined ? {} : { issuer: published }),
        ...(authorization === undefined ? {} : { authorizationEndpoint: authorization }),
        tokenEndpoint: token,
        ...(revocation === undefined ? {} : { revocationEndpoint: revocation }),
        ...(userinfo === undefined ? {} : { userinfoEndpoint: userinfo }),
        ...(jwks === undefined ? {} : { jwksUri: jwks }),
        issParameterSupported: metadata['authorization_response_iss_parameter_supported'] === true,
    };
}
async function fetchMetadata(provider, http) {
    for (const url of metadataUrls(provider)) {
        const answer = await http(url, { method: 'GET', headers: { accept: 'application/json' } }, { deadline: 5_000 });
        if (answer.status >= 500 || answer.status === 429 || answer.status === 408)
            throw new GatehouseError('discovery_pending', pendingSentence(provider), {
                provider: provider.id,
                retryAfter: 3,
            });
        if (answer.status !== 200)
            continue;
        const metadata = parseObject(answer.body);
        if (!metadata)
            throw misconfigured(provider, 'its metadata is not a JSON object');
        return metadata;
    }
    throw misconfigured(provider, 'it publishes no metadata at its discovery address');
}
/**
 * OpenID Connect Discovery section 4 appends to the issuer's path; RFC 8414 section 3.1 inserts before it, and servers
 * are found that append there, too.
 */
export function metadataUrls({ protocol, issuer = '', discoveryUrl }) {
    if (discoveryUrl !== undefined)
        return [discoveryUrl];
    const { origin, pathname } = new URL(issuer);
    const path = withoutSlash(pathname);
    const openid = `${origin}${path}/.well-known/openid-configuration`;
    const oauth = [
        `${origin}/.well-known/oauth-authorization-server${path}`,
        `${origin}${path}/.well-known/oauth-authorization-server`,
    ];
    return [...new Set(protocol === 'oidc' ? [openid, ...oauth] : [...oauth, openid])];
}
function toFailure(error, provider) {
    if (error instanceof GatehouseError)
        return error;
    if (error instanceof HttpFailure && error.code === 'too_large')
        return misconfigured(provider, 'its metadata is too large');
    return new GatehouseError('discovery_pending', pendingSentence(provider), {
        provider: provider.id,
        retryAfter: 3,
        cause: error,
    });
}
function pendingSentence(provider) {
    return `${provider.name} could not be asked for its addresses yet. Try again in a moment.`;
}
function misconfigured(provider, why) {
    return new GatehouseError('provider_misconfigured', `${provider.name} cannot be used: ${why}. The administrator has to look at its provider file.`, { provider: provider.id });
}
function isUsable(address, production) {
    if (!URL.canParse(address))
        return false;
    const { protocol, hostname } = new URL(address);
    return protocol === 'https:' || (protocol === 'http:' && !production && isLoopback(hostname));
}
function parseObject(body) {
    try {
        const value = JSON.parse(body);
        return typeof value === 'object' && value !== null && !Array.isArray(value)
            ? value
            : undefined;
    }
    catch {
        return undefined;
    }
}
function text(metadata, name) {
    const value = metadata[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
}
function withoutSlash(address) {
    return address.endsWith('/') ? address.slice(0, -1) : address;
}
