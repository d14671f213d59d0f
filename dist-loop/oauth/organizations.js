import { GatehouseError } from '../errors.js';
import { askApi } from './api-request.js';
import { HttpFailure } from './http.js';
import { atPointer } from './json-pointer.js';
/** The organizations that the provider lists for this token. Throws GatehouseError scope_missing or upstream_…. */
export async function listOrganizations(http, provider, accessToken) {
    const { request, pointer, id, name } = provider.organizations;
    const answer = await askApi(http, provider, request, accessToken).catch((error) => {
        throw error instanceof HttpFailure ? failure('upstream_unreachable', provider, error) : error;
    });
    if (answer.status === 401 || answer.status === 403)
        throw new GatehouseError('scope_missing', `The permission to list organizations is missing. Connect ${provider.name} again to grant it.`, {
            provider: provider.id,
        });
    if (answer.status !== 200)
        throw failure('upstream_invalid_response', provider);
    const list = atPointer(parse(answer.body), pointer);
    if (!Array.isArray(list))
        throw failure('upstream_invalid_response', provider);
    return list.flatMap((each) => {
        const entry = typeof each === 'object' && each !== null ? each : {};
        const [key, label] = [entry[id], name.map((member) => entry[member]).find((value) => typeof value === 'string')];
        if (typeof key !== 'string' && typeof key !== 'number')
            return [];
        return [{ id: String(key), name: typeof label === 'string' ? label : String(key) }];
    });
}
function failure(code, provider, cause) {
    return new GatehouseError(code, `${provider.name} did not give a list of organizations. Try again in a moment.`, {
        provider: provider.id,
        cause,
    });
}
function parse(body) {
    try {
        return JSON.parse(body);
    }
    catch {
        return undefined;
    }
}
