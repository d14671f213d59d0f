import type { Request, RequestHandler, Response } from 'express';
import { traceFields } from '../../log/audit-actor.js';
import { GatehouseError } from '../../errors.js';
import { compact } from '../../compact.js';
import type { Connection } from '../../connections/connection.js';
import { originOf } from '../../connections/origin.js';
import { missingScopes } from '../../connections/status.js';
import { authorizationRequest } from '../../oauth/authorization-request.js';
import { faultPoint } from '../../fault-points.js';
import type { Provider } from '../../providers/provider.js';
import { acceptsJson, wantsHtml } from '../../middleware/accepts.js';
import { originRefused, type Csrf } from '../../middleware/csrf.js';
import { isCrossSiteNavigation, refuseUnlessNavigation } from '../../middleware/navigation.js';
import { currentSession } from '../../middleware/session.js';
import { currentHolder, requiredHolder } from '../../middleware/standing.js';
import type { Services } from '../../services.js';
import { newBrowserId } from '../../sessions/session-id.js';
import { redirect } from '../../http/redirect.js';
import type { Addresses } from '../../config/addresses.js';
import { withValues } from '../../providers/variables/with-values.js';
import type { StoredValues } from '../../providers/variables/provider-variables.js';
import { askForValues, isToAsk, saidValues } from './caller-variables.js';
import { chosenValues } from './chosen-values.js';
import { askWhich } from './ask-which.js';
import { attemptCookieName, presentedAttempts, recentAttempts, sendAttemptCookie } from './attempt-cookies.js';
import { connectableProvider } from '../request/offered-provider.js';
import type { Pages } from '../request/pages.js';
import { bodyParameters, queryParameters, single, type SentParameters } from '../request/parameters.js';
import { connectByKey, sentKey } from './connect-by-key.js';
import { popupReturnTo } from './popup.js';
import { newState } from './state.js';
import { startTarget, targetParameters, type Target } from './target.js';
import { unknownConnection } from '../request/named-connection.js';
import { checkedReturnTo } from '../request/return-to.js';

type Dependencies = Services & {
  addresses: Addresses;
  pages: Pages;
  csrf: Csrf;
};

/** GET /connect/:provider — starts from a link; a link on another site gets a page that asks first. */
export function connectByLink(services: Dependencies): RequestHandler {
  const { configuration, registry, pages, addresses } = services;
  return orAskWhich(services, queryParameters, async (req, res) => {
    const provider = connectableProvider(registry, req.params['provider']);
    refuseUnlessNavigation(req);
    const parameters = queryParameters(req);
    const returnTo = checkedReturnTo(configuration, parameters, provider.id) ?? addresses.home;
    const passed = callerParameters(req, provider, parameters);
    const { said, target } = await chosenValues(services, req, provider, parameters);
    const along = { ...passed, ...targetParameters(target), ...startParameters(parameters), return_to: returnTo };
    if (isToAsk(said)) {
      askForValues(pages, req, res, provider, said, along);
      return;
    }
    if (provider.grant === 'api_key') {
      if (!wantsHtml(req) || sentKey(req, provider, parameters) !== undefined) throw keyWanted(provider);
      res
        .type('html')
        .send(pages.key(req, res, provider, { refused: false, parameters: { ...said.values, ...along } }));
      return;
    }
    if (isCrossSiteNavigation(req, configuration.publicUrl.origin, configuration.allowedOrigins)) {
      if (!wantsHtml(req)) throw originRefused();
      res.type('html').send(pages.start(req, res, provider, { ...said.values, ...along }));
      return;
    }
    const wish = { parameters, returnTo, passed, target, variables: said.values };
    redirect(res, 302, await start(services, req, res, provider, wish));
  });
}

/** POST /connect/:provider — starts from a form (303) or from a script that accepts JSON ({authorize_url}). */
export function connectByForm(services: Dependencies): RequestHandler {
  return orAskWhich(services, bodyParameters, async (req, res) => {
    const provider = connectableProvider(services.registry, req.params['provider']);
    const parameters = bodyParameters(req);
    const asked = checkedReturnTo(services.configuration, parameters, provider.id) ?? services.addresses.home;
    const returnTo = popupReturnTo(services, req, provider, parameters) ?? asked;
    const passed = callerParameters(req, provider, parameters);
    const { said, target } = await chosenValues(services, req, provider, parameters);
    if (isToAsk(said)) {
      const along = { ...passed, ...targetParameters(target), ...startParameters(parameters), return_to: returnTo };
      askForValues(services.pages, req, res, provider, said, along);
      return;
    }
    const wish = { parameters, returnTo, passed, target, variables: said.values };
    if (provider.grant === 'api_key') {
      const along = {
        ...said.values,
        ...targetParameters(target),
        ...startParameters(parameters),
        return_to: returnTo,
      };
      await giveKey(services, req, res, provider, wish, along);
      return;
    }
    const url = await start(services, req, res, provider, wish);
    if (acceptsJson(req)) res.json({ authorize_url: url });
    else redirect(res, 303, url);
  });
}

/** A person whose start could mean several connections is asked which; a program is told. */
function orAskWhich(
  services: Dependencies,
  parametersOf: (req: Request) => SentParameters,
  connect: (req: Request, res: Response) => Promise<void>,
): RequestHandler {
  return async (req, res) => {
    try {
      await connect(req, res);
    } catch (error) {
      const isQuestion = error instanceof GatehouseError && error.code === 'connection_ambiguous' && wantsHtml(req);
      if (!isQuestion) throw error;
      const parameters = parametersOf(req);
      const provider = connectableProvider(services.registry, req.params['provider']);
      const popup = req.method === 'POST' ? popupReturnTo(services, req, provider, parameters) : undefined;
      const asked = checkedReturnTo(services.configuration, parameters, provider.id);
      const along = {
        ...callerParameters(req, provider, parameters),
        ...startParameters(parameters),
        return_to: popup ?? asked ?? services.addresses.home,
      };
      const { values } = saidValues(provider, parameters);
      res.type('html').send(await askWhich(services, req, res, provider, { parameters: along, values }));
    }
  };
}

/** Connects with the key in the body; asks for one where there is none, and again where the API does not accept it. */
async function giveKey(
  services: Dependencies,
  req: Request,
  res: Response,
  provider: Provider,
  wish: Wish,
  along: Readonly<Record<string, string>>,
): Promise<void> {
  const key = sentKey(req, provider, wish.parameters);
  const location = key === undefined ? undefined : await connectByKey(services, req, res, provider, key, wish);
  if (location !== undefined) {
    if (acceptsJson(req)) res.json({ authorize_url: location });
    else redirect(res, 303, location);
    return;
  }
  if (acceptsJson(req)) throw key === undefined ? keyWanted(provider) : keyRefused(provider);
  const refused = key !== undefined;
  const page = services.pages.key(req, res, provider, { refused, parameters: along });
  res
    .status(refused ? 403 : 409)
    .type('html')
    .send(page);
}

function keyWanted({ id, name }: Provider): GatehouseError {
  return new GatehouseError('invalid_request', `${name} is connected with a key: POST it as key, in the body.`, id);
}

function keyRefused({ id, name }: Provider): GatehouseError {
  return new GatehouseError('access_denied', `${name} does not accept this key. Nothing was stored.`, id);
}

interface Wish {
  parameters: SentParameters;
  returnTo: string;
  passed: Record<string, string>;
  target: Target;
  variables: StoredValues;
}

/** Makes the authorization request, remembers it, and hands the browser its hold on it. Answers the authorize URL. */
async function start(
  services: Dependencies,
  req: Request,
  res: Response,
  offered: Provider,
  { parameters, returnTo, passed, target, variables }: Wish,
): Promise<string> {
  const { configuration, directory, pending, cookies, addresses, held, log, now } = services;
  const provider = withValues(offered, variables);
  const current = currentSession(req);
  const holder = currentHolder(req);
  const { ownership } = configuration;
  const signsIn = !holder && ownership?.signInWith.includes(provider.id) === true;
  if (ownership && !holder && !signsIn) requiredHolder(req, provider.id);
  const reconnected =
    holder && startTarget(await held.read(holder.slot), provider, target, configuration.connectionsPerHolder);
  if (!holder && !signsIn && target.connection !== undefined) throw unknownConnection();
  const server = await directory.get(provider);
  const session = current?.id.browserId ?? null;
  const owner = current?.session.owner;
  const browserId = session ?? (await browserIdOfOtherTabs(services, req)) ?? newBrowserId();
  const { url, secrets } = authorizationRequest(provider, server, {
    state: newState(configuration.sessionSecrets, provider, browserId),
    redirectUri: addresses.redirectUri(provider.id),
    callerParameters: passed,
    another: target.another === true,
    reconsent: isReconsent(parameters) || isRepair(provider, reconnected?.connection),
  });
  const reference = await pending.start(browserId, {
    provider: provider.id,
    secrets,
    returnTo,
    createdAt: now(),
    session,
    ...target,
    ...(offered.variables ? { variables } : {}),
    ...(signsIn ? { signIn: true as const } : {}),
    madeFor: {
      ...compact({ environment: provider.environment }),
      clientId: provider.clientId,
      origin: originOf(provider, server),
    },
    ...(owner === undefined ? {} : { owner }),
  });
  faultPoint('connect.pending_stored');
  const name = attemptCookieName(cookies, provider, secrets.state);
  const dropped = sendAttemptCookie(req, res, cookies, { name, reference });
  if (dropped.length > 0) await pending.forget(dropped.map((each) => each.reference));
  log.info('connect.started', { provider: provider.id, ...traceFields(res.locals) });
  return url;
}

/** A visitor without a session who has started elsewhere already will have one session for both. */
async function browserIdOfOtherTabs(
  { pending, cookies, now }: Dependencies,
  req: Request,
): Promise<string | undefined> {
  const recent = recentAttempts(presentedAttempts(req, cookies), now());
  const read = await pending.readAll(recent.map(({ reference }) => reference));
  // A finished one's session would have come with its cookie, if it were still this browser's.
  const stored = read.find(({ pending: { session, taken } }) => session === null && taken?.finished === undefined);
  return stored?.assigned?.to ?? stored?.pending.taken?.browserId ?? stored?.reference.browserId;
}

/** The parameters that the provider file lets a caller set; what it does not name is not passed on. */
function callerParameters(req: Request, provider: Provider, parameters: SentParameters): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, pattern] of provider.authorization.callerParameters) {
    const value = single(parameters, name);
    if (value === undefined) continue;
    if (!pattern.test(value))
      throw new GatehouseError(
        'invalid_request',
        `The parameter ${name} does not have the form that ${provider.name} asks for.`,
        provider.id,
      );
    passed[name] = value;
  }
  const { locale } = provider.authorization;
  if (locale && passed[locale.parameter] === undefined) {
    const preferred = req.acceptsLanguages([...locale.values, 'no']);
    const spoken = preferred === 'no' ? 'nb' : preferred;
    if (spoken !== false && req.headers['accept-language'] !== undefined && locale.values.includes(spoken))
      passed[locale.parameter] = spoken;
  }
  return passed;
}

/**
 * Whether this start repairs a connection that has ended or lacks a permission. A server that remembers an earlier consent
 * would grant silently what it granted then, and repair nothing.
 */
function isRepair(provider: Provider, connection: Connection | undefined): boolean {
  if (!connection || Object.keys(provider.authorization.reconsent).length === 0) return false;
  return connection.refused !== undefined || missingScopes(provider, connection).length > 0;
}

/** What a page that comes between has to send along, besides the values and return_to. */
function startParameters(parameters: SentParameters): Record<string, string> {
  return isReconsent(parameters) ? { reconsent: '1' } : {};
}

function isReconsent(parameters: SentParameters): boolean {
  return single(parameters, 'reconsent') === '1';
}
