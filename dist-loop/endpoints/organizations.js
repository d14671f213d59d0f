import { sessionHolder } from '../connections/holder.js';
import { notConnected } from '../connections/refresh-failure.js';
import { missingScopes } from '../connections/status.js';
import { GatehouseError } from '../errors.js';
import { listOrganizations } from '../oauth/organizations.js';
import { connectionKey } from '../store/keys.js';
import { redirect } from './redirect.js';
import { connectionStates } from './connection-states.js';
import { offeredProvider } from './offered-provider.js';
import { bodyParameters, single } from './parameters.js';
import { requiredSession } from './required-session.js';
/** GET /api/connections/:provider/organizations — what the provider lists, and what is chosen. */
export function organizations(services) {
    return async (req, res) => {
        const provider = providerWithOrganizations(services, req);
        const connection = await usableConnection(services, req, provider);
        const listed = await list(services, provider, connection);
        const { organization } = connection;
        res.json({ organizations: listed, selected: organization === undefined ? null : (organization?.id ?? null) });
    };
}
/** PUT /api/connections/:provider/organization — `{"id": …}`; null is the personal account. */
export function chooseOrganization(services) {
    return async (req, res) => {
        const provider = providerWithOrganizations(services, req);
        await choose(services, req, provider, wantedId(req, provider));
        const [state] = await connectionStates(services, requiredSession(req).id.tag, [provider]);
        res.json(state);
    };
}
/** POST /connections/:provider/organization — the same from a form; an empty value is the personal account. */
export function chooseOrganizationByForm(services) {
    return async (req, res) => {
        const provider = providerWithOrganizations(services, req);
        const wanted = single(bodyParameters(req), 'organization') ?? '';
        await choose(services, req, provider, wanted === '' ? null : wanted);
        redirect(res, 303, services.addresses.of(`/connections/${provider.id}`));
    };
}
/** The chooser of the connection page; absent where there is none, or no list can be had now. */
export async function organizationChoices(services, req, provider, status) {
    const { organizations: settings } = provider;
    if (!settings || !['connected', 'expiring', 'scope_missing', 'organization_required'].includes(status))
        return null;
    const listing = { ...provider, organizations: settings };
    try {
        const connection = await usableConnection(services, req, provider);
        const choices = await list(services, listing, connection);
        return { choices, selected: connection.organization?.id ?? null, personal: true };
    }
    catch (error) {
        if (!(error instanceof GatehouseError))
            throw error;
        services.log.info('organizations.not_listed', { provider: provider.id, code: error.code });
        return null;
    }
}
async function choose(services, req, provider, wanted) {
    const { sessions, log } = services;
    const { id, session } = requiredSession(req);
    const connection = await usableConnection(services, req, provider);
    const chosen = wanted === null ? null : pick(await list(services, provider, connection), wanted, provider);
    await change(services, id.tag, provider, sessions.lifetime(session), chosen);
    log.info('connection.organization_chosen', { provider: provider.id });
}
/** Writes the choice into the record as it is now; a refresh that comes in between is kept. */
async function change({ connections, store }, tag, provider, ttlMs, organization) {
    const key = connectionKey(tag, provider.id);
    for (let tries = 0; tries < 20; tries += 1) {
        const stored = await connections.read(tag, provider.id);
        if (!stored?.connection)
            throw notConnected(provider);
        const { organizationLost: _lost, ...rest } = stored.connection;
        const value = connections.seal(key, { ...rest, organization });
        if (await store.commit([connections.unchanged(stored)], [{ key, value, ttlMs }]))
            return;
    }
    throw new GatehouseError('store_unavailable', 'The choice could not be saved. Try again.', { provider: provider.id });
}
function providerWithOrganizations({ registry }, req) {
    const provider = offeredProvider(registry, req.params['provider']);
    requiredSession(req);
    if (!provider.organizations)
        throw new GatehouseError('not_found', `${provider.name} has no organizations to choose from.`, {
            provider: provider.id,
        });
    return { ...provider, organizations: provider.organizations };
}
async function usableConnection({ connections, access, sessions }, req, provider) {
    const { id, session } = requiredSession(req);
    const holder = sessionHolder(provider, id.tag, () => sessions.lifetime(session));
    return access.usable(holder, await connections.read(id.tag, provider.id));
}
async function list({ http }, provider, connection) {
    const { scope } = provider.organizations;
    if (scope !== undefined && missingScopes(connection).includes(scope))
        throw new GatehouseError('scope_missing', `The permission ${scope} is missing. Connect ${provider.name} again to grant it.`, {
            provider: provider.id,
        });
    return listOrganizations(http, provider, connection.tokens.accessToken);
}
function wantedId(req, provider) {
    const body = req.body;
    const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : undefined;
    if (id === null || (typeof id === 'string' && id !== ''))
        return id;
    throw new GatehouseError('invalid_request', 'Send {"id": "…"} with an id of the list, or {"id": null} for the personal account.', {
        provider: provider.id,
    });
}
function pick(listed, wanted, provider) {
    const found = listed.find(({ id }) => id === wanted);
    if (!found)
        throw new GatehouseError('invalid_request', `${provider.name} does not list this organization for the connected account.`, {
            provider: provider.id,
        });
    return found;
}
