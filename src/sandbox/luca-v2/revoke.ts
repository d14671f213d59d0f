import type { RequestHandler } from 'express';
import { clientCredentials } from '../client-credentials.js';
import { secretMatches } from '../state/clients.js';
import { bodyParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { realm } from './metadata.js';

/** RFC 7009. A refresh token takes its whole authorization with it, an access token only itself. */
export function revoke(world: World): RequestHandler {
  return (req, res) => {
    world.calls.count(realm, 'revoke');
    const body = bodyParameters(req);
    const { id, secret } = clientCredentials(req, body);
    const client = world.clients.find(realm, id);
    if (!client || !secretMatches(client, secret)) return void res.status(401).json({ error: 'invalid_client' });
    if (body.get('token') === undefined) return void res.status(400).json({ error: 'invalid_request' });
    const refresh = world.authorizations.refresh(body.get('token'));
    const access = world.authorizations.access(body.get('token'));
    if (refresh?.authorization.client === client) refresh.authorization.alive = false;
    if (access?.authorization.client === client) access.alive = false;
    res.status(200).end();
  };
}
