import { faultPoint } from '../fault-points.js';
import { GatehouseError } from '../errors.js';
import { currentSession } from '../middleware/session.js';
import { candidateKey, connectionKey, pauseKey } from '../store/keys.js';
import { redirect } from './redirect.js';
import { offeredProvider } from './offered-provider.js';
import { bodyParameters, single } from './parameters.js';
import { withOutcome } from './return-to.js';
/** DELETE /api/connections/:provider — forgets here, revokes at the provider. */
export function disconnect(services) {
    return async (req, res) => {
        const provider = offeredProvider(services.registry, req.params['provider']);
        res.json(await forget(services, req, provider, wantsRevocation(req)));
    };
}
/** POST /connections/:provider/disconnect — the same from a form, which cannot send DELETE. */
export function disconnectByForm(services) {
    return async (req, res) => {
        const provider = offeredProvider(services.registry, req.params['provider']);
        const { revocation } = await forget(services, req, provider, wantsRevocation(req));
        redirect(res, 303, withOutcome(services.addresses.home, { disconnected: provider.id, revocation }));
    };
}
/** Forgets first: what cannot be revoked must not stay usable here. */
async function forget(services, req, provider, revoke) {
    const { connections, candidates, store, revoker, log } = services;
    const tag = currentSession(req)?.id.tag;
    const stored = tag === undefined ? undefined : await connections.read(tag, provider.id);
    faultPoint('disconnect.begun');
    const waiting = tag === undefined ? undefined : await candidates.read(tag, provider.id);
    if (tag !== undefined)
        await store.commit([], [connectionKey, candidateKey, pauseKey].map((key) => ({ key: key(tag, provider.id), delete: true })));
    faultPoint('disconnect.deleted');
    if (!stored && !waiting)
        return { provider: provider.id, revocation: 'not_connected' };
    const sets = [stored?.connection?.tokens, waiting?.candidate.connection.tokens].filter((tokens) => tokens !== undefined);
    const revocation = revoke ? await revoker.revokeAll(provider, sets) : 'skipped';
    faultPoint('disconnect.revoked');
    log.info('connection.removed', { provider: provider.id, revocation });
    return { provider: provider.id, revocation };
}
function wantsRevocation(req) {
    const value = single(bodyParameters(req), 'revoke') ?? 'true';
    if (value !== 'true' && value !== 'false')
        throw new GatehouseError('invalid_request', 'The parameter revoke is either true or false.');
    return value === 'true';
}
