import type { RequestHandler } from 'express';
import { isUsable } from '../state/authorizations.js';
import { clientCredentials } from '../client-credentials.js';
import { secretMatches } from '../state/clients.js';
import { bodyParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { realm } from './metadata.js';

/** RFC 7662. */
export function introspect(world: World): RequestHandler {
  return (req, res) => {
    const body = bodyParameters(req);
    const { id, secret } = clientCredentials(req, body);
    const client = world.clients.find(realm, id);
    if (!client || !secretMatches(client, secret)) return void res.status(401).json({ error: 'invalid_client' });
    const value = body.get('token');
    const token = world.authorizations.access(value) ?? world.authorizations.refresh(value);
    if (!isUsable(token, world.clock) || token.authorization.client !== client) return void res.json({ active: false });
    res.json({
      active: true,
      client_id: client.id,
      sub: token.authorization.person?.subject,
      scope: token.scopes.join(' '),
      iat: token.issuedAt,
      ...(token.expiresAt === Infinity ? {} : { exp: token.expiresAt }),
    });
  };
}
