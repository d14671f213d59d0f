import { Router } from 'express';
import { interactionRoutes } from '../interactions.js';
import { lucaCompanies } from '../luca/companies.js';
import { graphqlEndpoint } from '../luca/graphql-endpoint.js';
import { lucaSchema } from '../luca/schema.js';
import { tokenEndpoint } from '../token-endpoint.js';
import type { World } from '../state/world.js';
import { lucaV2Front } from './front.js';
import { introspect } from './introspect.js';
import { metadata, protectedResource, realm } from './metadata.js';
import { revoke } from './revoke.js';
import { answerToken } from './token.js';

/** Luca's new generation, OAuth 2.1: metadata, PKCE required, `iss` in the callback, refresh tokens that rotate. */
export function lucaV2(world: World): Router {
  const router = Router();
  router.get('/.well-known/oauth-authorization-server', metadata(world));
  router.get('/.well-known/oauth-protected-resource', protectedResource(world));
  router.use(interactionRoutes(world, lucaV2Front(world)));
  router.post('/oauth/token', tokenEndpoint(world, { provider: realm, realm, answer: answerToken(world) }));
  router.post('/oauth/revoke', revoke(world));
  router.post('/oauth/introspect', introspect(world));
  router.use(
    graphqlEndpoint(world, {
      realm,
      paths: ['/api/v1/graphql', '/graphql'],
      challenge: `Bearer resource_metadata="${world.internalUrl}/.well-known/oauth-protected-resource/${realm}"`,
      schema: ({ person, company }) =>
        lucaSchema({
          companies: person ? lucaCompanies(person).filter(({ id }) => company === undefined || id === company) : [],
          byCompanyId: true,
          now: world.clock.seconds(),
        }),
    }),
  );
  return router;
}
