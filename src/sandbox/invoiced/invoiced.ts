import { Router } from 'express';
import { interactionRoutes } from '../interactions.js';
import { tokenEndpoint } from '../token-endpoint.js';
import type { World } from '../state/world.js';
import { invoicedApi } from './api.js';
import { createBooks } from './books.js';
import { realmOf, type InvoicedEnvironment } from './environment.js';
import { invoicedFront } from './front.js';
import { revoke } from './revoke.js';
import { answerToken } from './token.js';

/** One environment of Invoiced. The two share neither clients nor companies. */
export function invoiced(world: World, environment: InvoicedEnvironment): Router {
  const realm = realmOf(environment);
  const router = Router();
  router.use(interactionRoutes(world, invoicedFront(world, environment)));
  router.post('/oauth/access_token', tokenEndpoint(world, { provider: 'invoiced', realm, answer: answerToken(world) }));
  router.post('/oauth/revoke', revoke(world, realm));
  router.use('/api', invoicedApi(world, realm, createBooks(environment, world.clock.seconds())));
  return router;
}
