import type { Request, RequestHandler } from 'express';
import { GatehouseError } from '../errors.js';
import { describeError, type LogFields } from '../log.js';
import type { CrossOrigin } from '../middleware/cross-origin.js';
import { originRefused } from '../middleware/csrf.js';
import type { OriginRules } from '../middleware/origin.js';
import type { Provider } from '../providers/provider.js';
import { createCallLimit } from '../proxy/call-limit.js';
import type { Forwarder, ForwardOutcome } from '../proxy/forward.js';
import { pathBelowMount, upstreamPath } from '../proxy/path.js';
import { routeRefusal } from '../proxy/routes.js';
import type { Services } from '../services.js';
import type { Addresses } from './addresses.js';
import { connectionFor, noteConnection } from './called-connection.js';
import { targetOf } from './proxy-target.js';
import { createRememberedConnections } from './remembered-connections.js';

type Dependencies = Services & {
  addresses: Addresses;
  origins: OriginRules;
  crossOrigin: CrossOrigin;
  forwarder: Forwarder;
};

/**
 * Any /proxy/:provider/*path — one call to the provider's API with the session's token. It comes before every body parser
 * and reads the session by itself; what can be refused without the store is refused first.
 */
export function proxy(services: Dependencies): RequestHandler {
  const { registry, origins, crossOrigin, forwarder, addresses, refusedTokens, memberships, log, metrics } = services;
  const target = targetOf(addresses, services.cookies.secure, services.configuration.traceUpstream);
  const remembered = createRememberedConnections(services);
  const { calls: meter } = metrics;
  const calls = createCallLimit(services.store, services.configuration.proxyCallsPerSession);
  return async (req, res, next) => {
    const id = providerIdOf(req.url);
    if (id === undefined) {
      next();
      return;
    }
    const started = performance.now();
    const provider = registry.get(id);
    const path = upstreamPath(req.url, `/proxy/${id}`, provider ? basePathOf(provider) : '');
    if (!provider)
      throw new GatehouseError(
        'unknown_provider',
        'No provider of this name is on offer here. GET /api/connections lists them.',
      );
    refuseForeignCalls(req, origins, provider);
    refuseClosedRoutes(req.method, pathBelowMount(req.url, `/proxy/${id}`), provider);
    const { tag, holder, connection } =
      remembered(req.headers.cookie, provider) ?? (await connectionFor(services, req, provider));
    noteConnection(services, holder, connection);
    let used = connection;
    const call = target(req, res, provider, connection, path, crossOrigin.headers(req), async (status) => {
      const asking = { ...holder, trace: res.locals };
      if (isAboutOrganization(provider, status)) {
        await memberships.refuseIfGone(asking, connection);
        return undefined;
      }
      if (used !== connection) {
        await refusedTokens.refusedAgain(asking, used);
        return undefined;
      }
      const renewed = await refusedTokens.afterRejection(asking, connection);
      used = renewed ?? connection;
      return renewed && `Bearer ${renewed.tokens.accessToken}`;
    });
    const entered = calls.enter(tag, provider.id);
    const leave = entered instanceof Promise ? await entered : entered;
    meter.begin();
    let outcome: ForwardOutcome | undefined;
    try {
      outcome = await forwarder.forward(req, res, call);
    } finally {
      leave();
      meter.end(provider.id, outcome, started);
    }
    if (outcome.status && outcome.status < 400 && !outcome.unauthorized) refusedTokens.accepted(holder, used);
    const fields: LogFields = {
      provider: id,
      method: req.method,
      source: outcome.source,
      status: outcome.status,
      ms: Math.round(performance.now() - started),
      request_id: res.locals.requestId,
      traceparent: res.locals.traceparent,
    };
    log.info('proxy.call', outcome.brokenBy ? { ...fields, ...describeError(outcome.brokenBy) } : fields);
  };
}

/** `/proxy/<id>`, followed by nothing, a slash or a query. */
function providerIdOf(url: string): string | undefined {
  if (!url.startsWith('/proxy/')) return undefined;
  const end = url.slice(7).search(/[/?]/);
  return end === -1 ? url.slice(7) : url.slice(7, 7 + end);
}

/** A status that this API uses for tokens and for organizations alike is about the token. */
function isAboutOrganization({ api, organizations }: Provider, status: number): boolean {
  const aboutToken = status < 300 || api.authFailureStatus.includes(status);
  return !aboutToken && (organizations?.refusalStatus.includes(status) ?? false);
}

function basePathOf({ api }: Provider): string {
  return api.baseUrl.pathname;
}

function refuseForeignCalls({ headers }: Request, origins: OriginRules, provider: Provider): void {
  if (
    !origins.isAllowed(headers) ||
    headers['sec-fetch-mode'] === 'navigate' ||
    headers['sec-fetch-dest'] === 'serviceworker'
  )
    throw originRefused();
  if (headers['x-csrf'] !== '1')
    throw new GatehouseError('csrf_required', 'Send the header X-CSRF: 1 with every call.', { provider: provider.id });
}

function refuseClosedRoutes(method: string, path: string, provider: Provider): void {
  const refusal = routeRefusal(provider.api.allow, method, path);
  if (refusal?.code === 'method_not_allowed')
    throw new GatehouseError('method_not_allowed', 'This method cannot be used here.', {
      provider: provider.id,
      allow: refusal.allow,
    });
  if (refusal)
    throw new GatehouseError('route_not_allowed', 'The provider file does not list this call.', {
      provider: provider.id,
    });
}
