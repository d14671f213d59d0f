import { Router } from 'express';
import { interactionRoutes } from '../interactions.js';
import { tokenEndpoint } from '../token-endpoint.js';
import type { World } from '../state/world.js';
import { financefeastApi } from './api.js';
import { financefeastFront } from './front.js';
import { answerToken } from './token.js';

export const realm = 'financefeast';

/** Financefeast: ten days of access, nothing to renew it with, and 403 where others say 401. */
export function financefeast(world: World): Router {
  const router = Router();
  router.use(interactionRoutes(world, financefeastFront(world)));
  router.post('/oauth/token', tokenEndpoint(world, { provider: realm, realm, answer: answerToken(world) }));
  router.get('/oauth/jwks', (_req, res) => void res.json(world.keys.jwks));
  router.use('/api', financefeastApi(world));
  return router;
}
