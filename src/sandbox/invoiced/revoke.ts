import type { RequestHandler } from 'express';
import { bodyParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';

/** Takes an access token, asks for no client secret, answers 204. The refresh token lives on. */
export function revoke(world: World, realm: string): RequestHandler {
  return (req, res) => {
    world.calls.count('invoiced', 'revoke');
    const token = world.authorizations.access(bodyParameters(req).get('token'));
    if (token?.authorization.client.realm !== realm)
      return void res.status(400).json({ type: 'invalid_request', message: 'The token could not be revoked.' });
    token.alive = false;
    res.status(204).end();
  };
}
