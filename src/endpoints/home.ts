import type { Request, RequestHandler } from 'express';
import { currentSession } from '../middleware/session.js';
import type { Csrf } from '../middleware/csrf.js';
import type { Provider } from '../providers/provider.js';
import type { ProviderRegistry } from '../providers/registry.js';
import type { Services } from '../services.js';
import { revocations, type NoticeModel } from '../views/models.js';
import { connectionModel } from './connection-model.js';
import { connectionStates } from './connection-states.js';
import { offeredProvider } from './offered-provider.js';
import { organizationChoices } from './organizations.js';
import { isCode, type Pages } from './pages.js';

type Dependencies = Services & { pages: Pages; csrf: Csrf; sandboxUrl?: string | undefined };

/** GET / — a card for each provider. */
export function home(services: Dependencies): RequestHandler {
  const { pages, csrf, registry, sandboxUrl, configuration } = services;
  return async (req, res) => {
    const current = currentSession(req);
    const connections = await connectionStates(services, current?.id.tag, registry.all());
    res.type('html').send(
      pages.render(req, 'home', {
        csrf_token: csrf.token(req, res),
        connections: connections
          .flatMap((state) => {
            const provider = registry.get(state.provider);
            return provider ? [connectionModel(provider, state)] : [];
          })
          // The operator's own application is shown to those alone who may use it.
          .filter(({ connectable, status }) => connectable === true || status !== 'not_connected')
          .sort((one, other) => Number(other.connectable) - Number(one.connectable)),
        notice: notice(req, registry),
        session_active: current !== undefined,
        sandbox: sandboxUrl === undefined ? null : { control_url: `${sandboxUrl}/control` },
        setup: !configuration.production,
      }),
    );
  };
}

/** GET /connections/:provider — one connection, and its data. */
export function connectionPage(services: Dependencies): RequestHandler {
  const { pages, csrf, registry } = services;
  return async (req, res) => {
    const provider = offeredProvider(registry, req.params['provider']);
    const [state] = await connectionStates(services, currentSession(req)?.id.tag, [provider]);
    if (!state) return;
    const organizations = await organizationChoices(services, req, provider, state.status);
    res.type('html').send(
      pages.render(req, 'connection', {
        csrf_token: csrf.token(req, res),
        connection: connectionModel(provider, state),
        examples: provider.api.examples,
        ...(organizations ? { organizations } : {}),
        notice: withProvider(notice(req, registry), provider),
        after_disconnect: provider.afterDisconnect ?? null,
        registration_hint: provider.registrationHint ?? null,
        documentation_url: provider.documentation.url ?? null,
      }),
    );
  };
}

/** On a provider's own page a failure is that provider's. */
function withProvider(told: NoticeModel | null, { id, registrationHint: hint }: Provider): NoticeModel | null {
  if (told?.kind !== 'connect_error') return told;
  const explained = told.code === 'provider_misconfigured' && hint !== undefined;
  return { ...told, provider: id, ...(explained ? { hint } : {}) };
}

/** What happened just before, as far as the query names things of ours; anybody may have written that query. */
function notice(req: Request, registry: ProviderRegistry): NoticeModel | null {
  const { connected, connect_error: code, request_id: id, disconnected, revocation } = req.query;
  if (typeof connected === 'string' && registry.get(connected)) return { kind: 'connected', provider: connected };
  if (isCode(code)) {
    const known = typeof id === 'string' && /^[\w-]{12}$/.test(id);
    return { kind: 'connect_error', code, ...(known ? { request_id: id } : {}) };
  }
  const gone = typeof disconnected === 'string' ? registry.get(disconnected) : undefined;
  const outcome = revocations.find((each) => each === revocation);
  if (gone && outcome)
    return {
      kind: 'disconnected',
      provider: gone.id,
      revocation: outcome,
      ...(gone.afterDisconnect === undefined ? {} : { after_disconnect: gone.afterDisconnect }),
    };
  return null;
}
