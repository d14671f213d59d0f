import { Router } from 'express';
import { interactionRoutes } from '../interactions.js';
import { tokenEndpoint } from '../token-endpoint.js';
import type { World } from '../state/world.js';
import { requestFinanceApi } from './api.js';
import { metadata, realm } from './metadata.js';
import { revoke } from './revoke.js';
import { requestFinanceFront } from './front.js';
import { answerToken } from './token.js';
import { userinfo } from './userinfo.js';

/** The authorization server and the API of Request Finance, for people and, with a client of its own, for machines. */
export function requestFinance(world: World): Router {
  const router = Router();
  router.get(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'], metadata(world));
  router.get('/.well-known/jwks.json', (_req, res) => void res.json(world.keys.jwks));
  router.use(interactionRoutes(world, requestFinanceFront(world)));
  router.post('/oauth/token', tokenEndpoint(world, { provider: realm, realm, answer: answerToken(world) }));
  router.post('/oauth/revoke', revoke(world));
  router.all('/userinfo', userinfo(world));
  router.post(['/oauth/device/code', '/oidc/register', '/mfa/challenge', '/bc-authorize'], (_req, res) => {
    res.status(403).json({ error: 'unauthorized_client', error_description: 'This flow is not enabled' });
  });
  router.use('/api', requestFinanceApi(world));
  return router;
}
