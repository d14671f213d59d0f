import type { Request, RequestHandler, Response } from 'express';
import type { Actor } from '../audit-actor.js';
import type { StoredConnection } from '../connections/connection-store.js';
import { applicationHolder, sessionHolder, type Holder } from '../connections/holder.js';
import { mustChoose, organizationRequired } from '../connections/memberships.js';
import type { LiveConnection } from '../connections/renewed-connection.js';
import { connectionState } from '../connections/status.js';
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
import type { SessionId } from '../sessions/session-id.js';
import { applicationTag, candidateKey } from '../store/keys.js';
import { mayUseApplication } from './application-access.js';
import type { Addresses } from './addresses.js';
import { loginRequired } from './required-session.js';
import { targetOf } from './proxy-target.js';

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
  const { registry, origins, crossOrigin, forwarder, addresses, access, memberships, log, metrics } = services;
  const target = targetOf(addresses, services.cookies.secure, services.configuration.traceUpstream);
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
      rememberedConnection(services, req, res, provider) ?? (await connectionFor(services, req, provider));
    noteConnection(services, holder, connection);
    let used = connection;
    const call = target(req, res, provider, connection, path, crossOrigin.headers(req), async (status) => {
      if (isAboutOrganization(provider, status)) {
        await memberships.refuseIfGone(holder, connection);
        return undefined;
      }
      if (used !== connection) {
        await access.refusedAgain(holder, used);
        return undefined;
      }
      const renewed = await access.afterRejection(holder, connection);
      used = renewed ?? connection;
      return renewed && `Bearer ${renewed.tokens.accessToken}`;
    });
    const leave = await calls.enter(tag, provider.id);
    meter.begin();
    let outcome: ForwardOutcome | undefined;
    try {
      outcome = await forwarder.forward(req, res, call);
    } finally {
      leave();
      meter.end(provider.id, outcome, started);
    }
    if (outcome.status && outcome.status < 400 && !outcome.unauthorized) access.accepted(holder, used);
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

export interface Usable {
  tag: string;
  holder: Holder;
  connection: LiveConnection;
}

/** Where everything is known already and nothing has to be decided, nobody is asked and nothing awaited: most calls. */
function rememberedConnection(
  services: Dependencies,
  req: Request,
  res: Response,
  provider: Provider,
): Usable | undefined {
  const { cookies, sessions, connections, access } = services;
  if (provider.grant === 'client_credentials') return undefined;
  const id = cookies.sessionId(req.headers.cookie)?.id;
  const found = id && sessions.remembered(id, provider.id);
  if (!found) return undefined;
  const holder = sessionHolder(
    provider,
    id.tag,
    () => sessions.lifetime(found.session),
    found.session.owner,
    res.locals,
  );
  const connection = access.fresh(connections.open(holder.key, found.record));
  if (!connection || mustChoose(provider, connection)) return undefined;
  sessions.touch(id.tag, found.session);
  return { tag: id.tag, holder, connection };
}

/** The session's connection, usable now; throws what keeps a call from being made. */
export async function connectionFor(services: Services, req: Request, provider: Provider): Promise<Usable> {
  const { cookies, sessions, connections, access } = services;
  const id = cookies.sessionId(req.headers.cookie)?.id;
  const { session, record } = id ? await sessions.readWith(id, provider.id) : {};
  if (!id || !session) throw loginRequired(provider.id);
  sessions.touch(id.tag, session);
  if (provider.grant === 'client_credentials')
    return { tag: id.tag, ...(await applicationConnection(services, req.res?.locals, id, provider)) };
  const holder = sessionHolder(provider, id.tag, () => sessions.lifetime(session), session.owner, req.res?.locals);
  const stored = record && connections.open(holder.key, record);
  if (!stored) await refuseUnconfirmed(services, id, provider);
  const connection = await access.usable(holder, stored).catch((error: unknown) => {
    noteFailure(services, holder, error);
    throw error;
  });
  if (mustChoose(provider, connection)) throw organizationRequired(provider);
  return { tag: id.tag, holder, connection };
}

async function applicationConnection(
  { connections, access }: Services,
  trace: Actor['trace'],
  { tag }: SessionId,
  provider: Provider,
): Promise<{ holder: Holder; connection: LiveConnection }> {
  const named =
    provider.access === 'none' ? [] : provider.access.sessionsWith.map((entry) => entry.slice(0, entry.indexOf(':')));
  const own: ReadonlyMap<string, StoredConnection> = await connections.readAll(tag, [...new Set(named)]);
  if (!mayUseApplication(provider, (other) => own.get(other)))
    throw new GatehouseError(
      'access_denied',
      `This session may not use the operator's own account at ${provider.name}.`,
      {
        provider: provider.id,
      },
    );
  const holder = applicationHolder(provider, trace);
  return {
    holder,
    connection: await access.usable(holder, await connections.read(applicationTag(provider.id), provider.id)),
  };
}

/** For the metrics, and at most once a minute for each connection more than a look at a clock. */
function noteConnection({ metrics, configuration, now }: Services, holder: Holder, connection: LiveConnection): void {
  if (metrics.met.metAgain(holder.key)) return;
  const stored = { connection } as StoredConnection;
  const { basePath } = configuration;
  const { status, access } = connectionState(holder.provider, { stored, candidate: false, now: now(), basePath });
  const { expiresAt } = connection.tokens;
  metrics.met.note(holder.key, {
    provider: holder.provider.id,
    status,
    expiresAt,
    refreshable: access?.refreshable === true,
  });
}

/** Why a connection could not be used is the status that its owner would be told. */
function noteFailure({ metrics: { met } }: Services, { key, provider }: Holder, error: unknown): void {
  const code = error instanceof GatehouseError ? error.code : undefined;
  const status = code === 'refresh_unavailable' ? 'provider_unavailable' : code;
  if (status === 'reauth_required' || status === 'provider_unavailable')
    met.note(key, { provider: provider.id, status, expiresAt: undefined, refreshable: false });
}

async function refuseUnconfirmed({ store }: Services, { tag }: SessionId, provider: Provider): Promise<void> {
  if (await store.get(candidateKey(tag, provider.id)))
    throw new GatehouseError('confirmation_required', `Confirm the account at ${provider.name} first.`, {
      provider: provider.id,
    });
}
