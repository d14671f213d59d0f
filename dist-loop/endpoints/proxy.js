import { applicationHolder, sessionHolder } from '../connections/holder.js';
import { mustChoose, organizationRequired } from '../connections/memberships.js';
import { GatehouseError } from '../errors.js';
import { describeError } from '../log.js';
import { originRefused } from '../middleware/csrf.js';
import { createCallLimit } from '../proxy/call-limit.js';
import { pathBelowMount, upstreamPath } from '../proxy/path.js';
import { routeRefusal } from '../proxy/routes.js';
import { applicationTag, candidateKey } from '../store/keys.js';
import { mayUseApplication } from './application-access.js';
import { loginRequired } from './required-session.js';
import { targetOf } from './proxy-target.js';
/**
 * Any /proxy/:provider/*path — one call to the provider's API with the session's token. It comes before every body parser
 * and reads the session by itself; what can be refused without the store is refused first.
 */
export function proxy(services) {
    const { registry, origins, crossOrigin, forwarder, addresses, access, memberships, log, now } = services;
    const target = targetOf(addresses, services.cookies.secure);
    const calls = createCallLimit(services.configuration.proxyCallsPerSession);
    return async (req, res, next) => {
        const id = providerIdOf(req.url);
        if (id === undefined) {
            next();
            return;
        }
        const started = now();
        const provider = registry.get(id);
        const path = upstreamPath(req.url, `/proxy/${id}`, provider ? basePathOf(provider) : '');
        if (!provider)
            throw new GatehouseError('unknown_provider', 'No provider of this name is on offer here. GET /api/connections lists them.');
        refuseForeignCalls(req, origins, provider);
        refuseClosedRoutes(req.method, pathBelowMount(req.url, `/proxy/${id}`), provider);
        const { tag, holder, connection } = await connectionFor(services, req, provider);
        const call = target(res, provider, connection, path, crossOrigin.headers(req), async (status) => {
            if (isAboutOrganization(provider, status)) {
                await memberships.refuseIfGone(holder, connection);
                return undefined;
            }
            const renewed = await access.afterRejection(holder, connection);
            return renewed && `Bearer ${renewed.tokens.accessToken}`;
        });
        const leave = calls.enter(tag, provider.id);
        const outcome = await forwarder.forward(req, res, call).finally(leave);
        if (outcome.repeated && outcome.status && !outcome.unauthorized)
            access.accepted(holder);
        log.info('proxy.call', {
            provider: id,
            method: req.method,
            source: outcome.source,
            ...(outcome.status === undefined ? {} : { status: outcome.status }),
            ms: now() - started,
            ...(outcome.brokenBy ? describeError(outcome.brokenBy) : {}),
            request_id: res.locals.requestId,
        });
    };
}
/** `/proxy/<id>`, followed by nothing, a slash or a query. */
function providerIdOf(url) {
    if (!url.startsWith('/proxy/'))
        return undefined;
    const end = url.slice(7).search(/[/?]/);
    return end === -1 ? url.slice(7) : url.slice(7, 7 + end);
}
/** A status that this API uses for tokens and for organizations alike is about the token. */
function isAboutOrganization({ api, organizations }, status) {
    const aboutToken = status < 300 || api.authFailureStatus.includes(status);
    return !aboutToken && (organizations?.refusalStatus.includes(status) ?? false);
}
function basePathOf({ api }) {
    return api.baseUrl.pathname;
}
function refuseForeignCalls({ headers }, origins, provider) {
    if (!origins.isAllowed(headers) ||
        headers['sec-fetch-mode'] === 'navigate' ||
        headers['sec-fetch-dest'] === 'serviceworker')
        throw originRefused();
    if (headers['x-csrf'] !== '1')
        throw new GatehouseError('csrf_required', 'Send the header X-CSRF: 1 with every call.', { provider: provider.id });
}
function refuseClosedRoutes(method, path, provider) {
    const refusal = routeRefusal(provider.api.allow, method, path);
    if (refusal?.code === 'method_not_allowed')
        throw new GatehouseError('method_not_allowed', 'This method cannot be used here.', {
            provider: provider.id,
            allow: refusal.allow,
        });
    if (refusal)
        throw new GatehouseError('route_not_allowed', 'The provider file does not list this call.', {
            provider: provider.id,
        });
}
async function connectionFor(services, req, provider) {
    const { cookies, sessions, connections, access } = services;
    const id = cookies.sessionId(req.headers.cookie)?.id;
    const { session, record } = id ? await sessions.readWith(id, provider.id) : {};
    if (!id || !session)
        throw loginRequired(provider.id);
    sessions.touch(id.tag, session);
    if (provider.grant === 'client_credentials')
        return { tag: id.tag, ...(await applicationConnection(services, id, provider)) };
    const holder = sessionHolder(provider, id.tag, () => sessions.lifetime(session));
    const stored = record && connections.open(holder.key, record);
    if (!stored)
        await refuseUnconfirmed(services, id, provider);
    const connection = await access.usable(holder, stored);
    if (mustChoose(provider, connection))
        throw organizationRequired(provider);
    return { tag: id.tag, holder, connection };
}
async function applicationConnection({ connections, access }, { tag }, provider) {
    const named = provider.access === 'none' ? [] : provider.access.sessionsWith.map((entry) => entry.slice(0, entry.indexOf(':')));
    const own = await connections.readAll(tag, [...new Set(named)]);
    if (!mayUseApplication(provider, (other) => own.get(other)))
        throw new GatehouseError('access_denied', `This session may not use the operator's own account at ${provider.name}.`, {
            provider: provider.id,
        });
    const holder = applicationHolder(provider);
    return {
        holder,
        connection: await access.usable(holder, await connections.read(applicationTag(provider.id), provider.id)),
    };
}
async function refuseUnconfirmed({ store }, { tag }, provider) {
    if (await store.get(candidateKey(tag, provider.id)))
        throw new GatehouseError('confirmation_required', `Confirm the account at ${provider.name} first.`, {
            provider: provider.id,
        });
}
