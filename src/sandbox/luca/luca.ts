import { Router } from 'express';
import { interactionRoutes } from '../interactions.js';
import { tokenEndpoint } from '../token-endpoint.js';
import type { World } from '../state/world.js';
import { lucaCompanies } from './companies.js';
import { lucaFront } from './front.js';
import { graphqlEndpoint } from './graphql-endpoint.js';
import { lucaSchema } from './schema.js';
import { answerToken } from './token.js';

const realm = 'luca';

/** Luca's first generation: no state, no PKCE, no revocation, refusals with status 200. */
export function luca(world: World): Router {
  const router = Router();
  router.use(interactionRoutes(world, lucaFront(world)));
  router.post(
    ['/api/v1/oauth2/token', '/api/v2/oauth2/token'],
    tokenEndpoint(world, { provider: realm, realm, answer: answerToken(world) }),
  );
  router.use(
    graphqlEndpoint(world, {
      realm,
      paths: ['/api/v1/graphql'],
      schema: ({ person, company }) =>
        lucaSchema({
          companies: person ? lucaCompanies(person).filter(({ id }) => id === company) : [],
          byCompanyId: false,
          now: world.clock.seconds(),
        }),
    }),
  );
  return router;
}
