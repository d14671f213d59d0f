import { clientCredentials } from './client-credentials.js';
import { faultAnswered } from './faults.js';
import { bodyParameters } from './wire-parameters.js';
/** What all token endpoints have in common: the count, the faults, and an answer that nobody may cache. */
export function tokenEndpoint(world, { provider, realm, answer }) {
    return async (req, res) => {
        const body = bodyParameters(req);
        const credentials = clientCredentials(req, body);
        const client = world.clients.find(realm, credentials.id);
        const caller = client?.provider ?? provider;
        world.calls.count(caller, 'token');
        if (body.get('grant_type') === 'refresh_token')
            world.calls.count(caller, 'refresh');
        if (await faultAnswered(world, caller, 'token_status', res))
            return;
        res.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
        const outdated = client !== undefined && world.switches.flag(caller, 'other_secret');
        const shown = outdated ? { ...credentials, secret: `${credentials.secret ?? ''}-before` } : credentials;
        await answer({ body, credentials: shown, client }, res, req);
        world.log('token', { provider: caller, status: res.statusCode });
    };
}
