import type { Request, RequestHandler, Response } from 'express';
import type { ConnectionState } from '../../contract.js';
import type { Csrf } from '../../middleware/csrf.js';
import { currentHolder } from '../../middleware/standing.js';
import type { Provider } from '../../providers/provider.js';
import { withValues } from '../../providers/variables/with-values.js';
import { passedRequestHeaders } from '../../providers/reserved-headers.js';
import type { Services } from '../../services.js';
import type { SetUpSheets } from '../../providers/set-up-sheets.js';
import type { AnswerModel, ExplorerModel } from '../../views/explorer-models.js';
import type { Addresses } from '../../config/addresses.js';
import { redirect } from '../../http/redirect.js';
import { connectionModel } from './connection-model.js';
import { stateOf } from '../api/connections.js';
import { noticeOf } from './notice.js';
import { unaskedExample } from './unasked-example.js';
import { hasSeveral, madeElsewhere } from '../request/made-connection.js';
import { named, namedConnection, type NamedConnection } from '../request/named-connection.js';
import { organizationChoices, type FoundByName } from '../api/organizations.js';
import type { Pages } from '../request/pages.js';
import { withOutcome } from '../request/return-to.js';

export type ConnectionPageDependencies = Services & {
  pages: Pages;
  csrf: Csrf;
  addresses: Addresses;
  setUps: SetUpSheets;
};

/** What the page is about, and what else there is in the session. */
type ShownConnection = FoundByName & Partial<Pick<NamedConnection, 'held'>>;

/** GET /connections/:key — one connection, and its data. */
export function connectionPage(services: ConnectionPageDependencies): RequestHandler {
  return async (req, res) => {
    const made = await madeElsewhere(services, req);
    if (made === undefined)
      res.type('html').send(await showConnection(services, req, res, await shownConnection(services, req)));
    else {
      const { provider, id } = made;
      const address = services.addresses.of(`/connections/${id}`);
      redirect(res, 303, withOutcome(address, { connected: provider, connection: id }));
    }
  };
}

/** What the path names; without a session there is nothing but a provider to show. */
export async function shownConnection(services: ConnectionPageDependencies, req: Request): Promise<ShownConnection> {
  const { key } = req.params;
  const name = named(services.registry, key);
  const isVisitor = !currentHolder(req) && name.id === undefined;
  return isVisitor ? { provider: name.provider } : namedConnection(services, req, key);
}

/** The page, with the answer to a call that the server made where there is one. */
export async function showConnection(
  services: ConnectionPageDependencies,
  req: Request,
  res: Response,
  found: ShownConnection,
  answer: AnswerModel | null = null,
): Promise<string> {
  const { pages, csrf, registry, addresses, configuration } = services;
  const { provider, stored, held } = found;
  const filled = withValues(provider, stored?.connection?.variables);
  const redirectUri = configuration.production ? undefined : addresses.redirectUri(provider.id);
  const state = await stateOf(services, req, provider, stored?.id);
  const organizations = await organizationChoices(services, req, found, state);
  return pages.render(req, 'connection', {
    csrf_token: csrf.token(req, res),
    connection: connectionModel(provider, state, {
      redirectUri,
      several: held !== undefined && hasSeveral(held, provider),
      addable: held !== undefined && held.connections.length < configuration.connectionsPerHolder,
    }),
    examples: filled.api.examples,
    unasked: answer === null ? unaskedExample(services, req, res, provider) : null,
    explorer: explorerOf(services, filled, state),
    answer,
    ...(organizations ? { organizations } : {}),
    notice: noticeOf(req, registry, [state], provider),
    after_disconnect: provider.afterDisconnect ?? null,
    registration_hint: provider.registrationHint ?? null,
    documentation_url: provider.documentation.url ?? null,
    environments: services.setUps.get(provider.id)?.environments.length ?? 0,
  });
}

const everyMethod = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** Of those that every provider may be sent, what a person might type. */
const usualHeaders = ['Accept', 'Accept-Language', 'Content-Type', 'If-Match', 'If-None-Match', 'Prefer', 'Range'];
/** What a browser keeps from scripts (Fetch, forbidden request-headers). */
const browsersOwn = new Set(['accept-charset', 'accept-encoding']);

function explorerOf(
  { addresses, cookies }: ConnectionPageDependencies,
  { api, organizations }: Provider,
  { links }: ConnectionState,
): ExplorerModel {
  const listed = api.allow?.flatMap(({ methods }) => methods);
  const fixed = [...Object.keys(api.headers), organizations?.header ?? ''].map((name) => name.toLowerCase());
  const isFree = (name: string) => !fixed.includes(name.toLowerCase());
  return {
    style: api.style,
    path: api.examples[0]?.path.replace(/\?.*$/, '') ?? null,
    methods: listed ? [...new Set(listed)] : everyMethod,
    forwarded: [...usualHeaders, ...api.forwardRequestHeaders].filter(isFree),
    passed: [...passedRequestHeaders, ...api.forwardRequestHeaders]
      .map((name) => name.toLowerCase())
      .filter((name) => isFree(name) && !browsersOwn.has(name)),
    address: new URL(links.proxy, addresses.home).href.replace(/\/$/, ''),
    cookie: cookies.sessionName,
  };
}
