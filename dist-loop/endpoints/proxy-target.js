import { allAtPointer } from '../oauth/json-pointer.js';
import { strictTransport } from '../own-headers.js';
/** What the forwarder has to know of a call. The parts that are the same for every call of a provider are made once. */
export function targetOf(addresses, https) {
    const transport = https ? [['Strict-Transport-Security', strictTransport]] : [];
    const made = new WeakMap();
    const prepare = (provider) => {
        const { api } = provider;
        const target = {
            providerId: provider.id,
            baseUrl: api.baseUrl,
            publicPrefix: addresses.of(`/proxy/${provider.id}`),
            // A body that is looked at must come as it is.
            headers: Object.entries({ ...api.headers, ...(api.authFailureBody ? { 'Accept-Encoding': 'identity' } : {}) }),
            forwardRequestHeaders: new Set(api.forwardRequestHeaders.map((name) => name.toLowerCase())),
            redirectHosts: api.redirectHosts,
            cache: api.cache,
            authFailureStatus: api.authFailureStatus,
            ...(api.authFailureBody ? { isAuthFailureBody: bodyTest(api.authFailureBody) } : {}),
        };
        made.set(provider, target);
        return target;
    };
    // Every member is named, also one that is absent: a copy by spreading costs more than the rest of this function.
    return (res, provider, connection, path, crossOriginHeaders, onAuthFailure) => {
        const target = made.get(provider) ?? prepare(provider);
        const { organizations } = provider;
        const { organization } = connection;
        const chosen = organizations && organization ? { ...organizations, id: organization.id } : undefined;
        return {
            providerId: target.providerId,
            baseUrl: target.baseUrl,
            publicPrefix: target.publicPrefix,
            headers: chosen ? [...target.headers, [chosen.header, chosen.id]] : target.headers,
            forwardRequestHeaders: target.forwardRequestHeaders,
            redirectHosts: target.redirectHosts,
            cache: target.cache,
            authFailureStatus: chosen ? [...target.authFailureStatus, ...chosen.refusalStatus] : target.authFailureStatus,
            path,
            isAuthFailureBody: target.isAuthFailureBody,
            authorization: `Bearer ${connection.tokens.accessToken}`,
            extraResponseHeaders: [['X-Request-Id', res.locals.requestId], ...transport, ...crossOriginHeaders],
            onAuthFailure,
        };
    };
}
/** Whether an answer's JSON holds one of the values that mean: this token is not good. */
function bodyTest({ pointer, values }) {
    return (body) => {
        const text = body.toString('utf8');
        if (!values.some((value) => text.includes(value)))
            return false;
        try {
            return allAtPointer(JSON.parse(text), pointer).some((found) => values.some((value) => value === found));
        }
        catch {
            return false;
        }
    };
}
