import type { Request, RequestHandler } from 'express';
import { GatehouseError } from '../../errors.js';
import { originRefused } from '../../middleware/csrf.js';
import type { OriginRules } from '../../middleware/origin.js';
import type { Provider } from '../../providers/provider.js';
import { pathBelowMount, upstreamPath } from '../../proxy/path.js';
import { routeRefusal } from '../../proxy/routes.js';
import { findConnection } from './find-connection.js';
import { createCallMaker, type ApiCallServices } from './make-call.js';
import { createWarmConnections } from './warm-connection.js';

/**
 * Any /proxy/:provider/*path — one call to the provider's API with the session's token. It comes before every body parser
 * and reads the session by itself; what can be refused without the store is refused first.
 */
export function proxy(services: ApiCallServices & { origins: OriginRules }): RequestHandler {
  const { registry, origins } = services;
  const remembered = createWarmConnections(services);
  const make = createCallMaker(services);
  return (req, res, next) => {
    const id = providerIdOf(req.url);
    if (id === undefined) {
      next();
      return;
    }
    const arrivedAt = performance.now();
    const provider = registry.get(id);
    const path = upstreamPath(req.url, `/proxy/${id}`, provider ? basePathOf(provider) : '');
    if (!provider)
      throw new GatehouseError(
        'unknown_provider',
        'No provider of this name is on offer here. GET /api/connections lists them.',
      );
    refuseCrossOrigin(req, origins, provider);
    refuseClosedRoutes(req, provider);
    const arrived = { req, res, next, provider, path, arrivedAt };
    const known = remembered(req.headers.cookie, provider);
    if (known) make(arrived, known);
    else
      findConnection(services, req, provider)
        .then((found) => make(arrived, found))
        .catch(next);
  };
}

/** `/proxy/<id>`, followed by nothing, a slash or a query. */
function providerIdOf(url: string): string | undefined {
  if (!url.startsWith('/proxy/')) return undefined;
  const end = url.slice(7).search(/[/?]/);
  return end === -1 ? url.slice(7) : url.slice(7, 7 + end);
}

function basePathOf({ api }: Provider): string {
  return api.baseUrl.pathname;
}

function refuseCrossOrigin({ headers }: Request, origins: OriginRules, provider: Provider): void {
  if (
    !origins.isAllowed(headers) ||
    headers['sec-fetch-mode'] === 'navigate' ||
    headers['sec-fetch-dest'] === 'serviceworker'
  )
    throw originRefused();
  if (headers['x-csrf'] !== '1')
    throw new GatehouseError('csrf_required', 'Send the header X-CSRF: 1 with every call.', provider.id);
}

function refuseClosedRoutes({ method, url }: Request, provider: Provider): void {
  const { allow } = provider.api;
  // Without a list no path is looked at.
  const path = allow ? pathBelowMount(url, `/proxy/${provider.id}`) : '';
  const refusal = routeRefusal(allow, method, path);
  if (refusal?.code === 'method_not_allowed')
    throw new GatehouseError('method_not_allowed', 'This method cannot be used here.', {
      provider: provider.id,
      allow: refusal.allow,
    });
  if (refusal) throw new GatehouseError('route_not_allowed', 'The provider file does not list this call.', provider.id);
}
