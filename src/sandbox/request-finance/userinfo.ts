import type { RequestHandler } from 'express';
import { bearer } from '../bearer.js';
import type { World } from '../state/world.js';
import { realm } from './metadata.js';
import { claimsOf } from './token.js';

/** OpenID Connect Core section 5.3. */
export function userinfo(world: World): RequestHandler {
  return (req, res) => {
    const token = bearer(world, realm, req);
    const person = token?.authorization.person;
    if (!token || !person || !token.scopes.includes('openid'))
      return void res.status(401).set('WWW-Authenticate', 'Bearer error="invalid_token"').send('Unauthorized');
    res.json(claimsOf(person, token.scopes));
  };
}
