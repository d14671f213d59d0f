import type { RequestHandler } from 'express';
import { clientCredentials } from '../client-credentials.js';
import { secretMatches } from '../state/clients.js';
import { bodyParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { realm } from './metadata.js';

/** RFC 7009 for refresh tokens. Access tokens are self-contained here and live on until they expire. */
export function revoke(world: World): RequestHandler {
  return (req, res) => {
    const body = bodyParameters(req);
    const { id, secret } = clientCredentials(req, body);
    const client = world.clients.find(realm, id);
    world.calls.count(client?.provider ?? realm, 'revoke');
    if (!client || !secretMatches(client, secret))
      return void res.status(401).json({ error: 'invalid_client', error_description: 'Unauthorized' });
    if (body.get('token') === undefined)
      return void res
        .status(400)
        .json({ error: 'invalid_request', error_description: 'Missing required parameter: token' });
    const token = world.authorizations.refresh(body.get('token'));
    if (token?.authorization.client === client) {
      token.alive = false;
      const { person } = token.authorization;
      if (person && world.switches.flag(realm, 'revoke_ends_grant')) {
        world.consents.forget(person.id, client.id);
        for (const one of world.authorizations.all())
          if (one.client === client && one.person === person)
            for (const sibling of world.authorizations.refreshOf(one)) sibling.alive = false;
      }
    }
    res.status(200).end();
  };
}
