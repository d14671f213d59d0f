import type { IncomingHttpHeaders } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { isConnectionId } from '../../connections/cell.js';
import { providerOfId } from '../../connections/held-connections.js';
import { GatehouseError } from '../../errors.js';
import { originRefused } from '../../middleware/csrf.js';
import type { OriginRules } from '../../middleware/origin.js';
import type { Provider } from '../../providers/provider.js';
import { pathBelowMount, upstreamPath } from '../../proxy/path.js';
import { allowedMethods } from '../../proxy/routes.js';
import { usualMethods } from '../../http/methods.js';
import type { ProviderRegistry } from '../../providers/registry.js';
import type { Addresses } from '../../config/addresses.js';
import { isJudged } from './graphql-call.js';
import { createTargets } from './call-target.js';
import { unknownConnection } from '../request/named-connection.js';
import { loginRequired } from '../request/required-session.js';
import { createCalledConnections, type Called } from './called-connections.js';
import { findConnection } from './find-connection.js';
import { createCallMaker, type CallServices } from './make-call.js';

/**
 * Any /proxy/:key/*path — one call to a provider's API with the token of the connection that the key names. It comes before every body parser
 * and reads the session by itself; what can be refused without the store is refused first.
 */
export function proxy(services: CallServices & { origins: OriginRules; addresses: Addresses }): RequestHandler {
  const { registry, origins } = services;
  const called = createCalledConnections(services, createTargets(services.addresses));
  const make = createCallMaker(services);
  return (req, res, next) => {
    const key = keyOf(req.url);
    if (key === undefined) {
      next();
      return;
    }
    const arrivedAt = performance.now();
    const name = nameOf(registry, key);
    const path = upstreamPath(req.url, `/proxy/${key}`, name ? basePathOf(name.provider) : '');
    if (!name) throw isConnectionId(key) ? nobodys(services, req) : unknownProvider();
    const { provider } = name;
    refuseCrossOrigin(req, origins, provider);
    const judged = provider.api.graphql !== undefined && isJudged(provider, req.url, `/proxy/${key}`);
    const methods = openMethods(req, provider, key, judged);
    const arrived = { req, res, next, provider, path, methods, judged, arrivedAt };
    const known = called.warm(req.headers.cookie, name);
    if (known) make(arrived, known);
    else
      findConnection(services, req, name)
        .then((found) => make(arrived, called.found(req.headers.cookie, name, found)))
        .catch(next);
  };
}

/** What the word of a path names; undefined where it names no provider on offer. The same object for the same provider. */
function nameOf(registry: ProviderRegistry, key: string): Called | undefined {
  const provider = registry.get(key);
  if (provider) return { provider, key };
  const ofId = isConnectionId(key) ? providerOfId(registry.all(), key) : undefined;
  return ofId && { provider: ofId, id: key, key };
}

/** A connection of a provider that is not on offer is nobody's; without a session that is not said. */
function nobodys({ cookies }: CallServices, req: Request): GatehouseError {
  return cookies.sessionId(req.headers.cookie) ? unknownConnection() : loginRequired();
}

function unknownProvider(): GatehouseError {
  return new GatehouseError(
    'unknown_provider',
    'No provider of this name is on offer here. GET /api/connections lists them.',
  );
}

/** `/proxy/<key>`, followed by nothing, a slash or a query. */
function keyOf(url: string): string | undefined {
  if (!url.startsWith('/proxy/')) return undefined;
  const end = url.slice(7).search(/[/?]/);
  return end === -1 ? url.slice(7) : url.slice(7, 7 + end);
}

function basePathOf({ api }: Provider): string {
  return api.baseUrl.pathname;
}

/** What an element or an EventSource of our own page reads, which cannot send a header. Nothing that runs, and no page. */
const readableDestinations = new Set<unknown>(['empty', 'image', 'audio', 'video']);

/** The browser says that the request is of our own origin, and that it only reads: no other page can make it say so. */
function isOwnResource(method: string, headers: IncomingHttpHeaders): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return headers['sec-fetch-site'] === 'same-origin' && readableDestinations.has(headers['sec-fetch-dest']);
}

function refuseCrossOrigin({ method, headers }: Request, origins: OriginRules, provider: Provider): void {
  if (
    !origins.isAllowed(headers) ||
    headers['sec-fetch-mode'] === 'navigate' ||
    headers['sec-fetch-dest'] === 'serviceworker'
  )
    throw originRefused();
  if (headers['x-csrf'] !== '1' && !isOwnResource(method, headers))
    throw new GatehouseError('csrf_required', 'Send the header X-CSRF: 1 with every call.', provider.id);
}

/** The methods that the file allows at this path, of which the request's is one. */
function openMethods({ method, url }: Request, provider: Provider, key: string, judged: boolean): readonly string[] {
  const methods = methodsOf(provider, url, key, judged);
  if (methods.includes(method)) return methods;
  if (methods.length === 0)
    throw new GatehouseError('route_not_allowed', 'The provider file does not list this call.', provider.id);
  throw new GatehouseError('method_not_allowed', 'This method cannot be used here.', {
    provider: provider.id,
    allow: methods,
  });
}

function methodsOf({ api }: Provider, url: string, key: string, judged: boolean): readonly string[] {
  const { allow, graphql } = api;
  // Without a list no path is looked at, and the path of a judged call is a list of its own.
  const listed = !allow || (judged && graphql?.path !== undefined);
  const methods = listed ? usualMethods : allowedMethods(allow, pathBelowMount(url, `/proxy/${key}`));
  return judged ? methods.filter((each) => each === 'POST') : methods;
}

/** The methods that an address may be asked with, for a preflight: below /proxy what the provider file allows. */
export function methodsAt(registry: ProviderRegistry, url: string): readonly string[] {
  const key = keyOf(url);
  const provider = key === undefined ? undefined : nameOf(registry, key)?.provider;
  if (key === undefined || !provider || (!provider.api.allow && !provider.api.graphql)) return usualMethods;
  try {
    return methodsOf(
      provider,
      url,
      key,
      provider.api.graphql !== undefined && isJudged(provider, url, `/proxy/${key}`),
    );
  } catch {
    return usualMethods;
  }
}
