import express, { type Express, type RequestHandler, type Router } from 'express';
import { createAddresses } from './config/addresses.js';
import { serveAssets } from './endpoints/pages/assets.js';
import { backchannelLogout } from './endpoints/connect/backchannel-logout.js';
import { callback } from './endpoints/connect/callback.js';
import { confirm, confirmPage } from './endpoints/connect/confirm.js';
import { connectByForm, connectByLink } from './endpoints/connect/connect.js';
import { connectionPage } from './endpoints/pages/connection-page.js';
import { disconnect, disconnectByForm, onlyRemovable } from './endpoints/api/disconnect.js';
import { docs, openApi } from './endpoints/pages/docs.js';
import { frontEndModule } from './endpoints/api/front-end-module.js';
import { healthz, readyz } from './endpoints/api/health.js';
import { exampleAnswer } from './endpoints/pages/example-answer.js';
import { home } from './endpoints/pages/home.js';
import { logout } from './endpoints/api/logout.js';
import { onlyNamed } from './endpoints/request/named-connection.js';
import { onlyConnectable } from './endpoints/request/offered-provider.js';
import { withSession } from './endpoints/request/required-session.js';
import { chooseOrganizationByForm, organizations, putOrganization } from './endpoints/api/organizations.js';
import { bindOwner, bindOwnerByForm, makeNonce, ownersOnly } from './endpoints/api/owner.js';
import { createPages } from './endpoints/request/pages.js';
import { signInOffer } from './endpoints/request/sign-in-offer.js';
import { answerOrganizationPage, organizationPage } from './endpoints/pages/organization-page.js';
import { answerKeepPage, keepPage } from './endpoints/pages/keep-page.js';
import { popupOutcome, popupPage } from './endpoints/connect/popup.js';
import { methodsAt, proxy } from './endpoints/calls/proxy.js';
import { forceRefresh } from './endpoints/api/refresh.js';
import { rename, renameByForm } from './endpoints/api/rename.js';
import { connection, connections, session } from './endpoints/api/session.js';
import { setup } from './endpoints/pages/setup.js';
import { onlyEvents, receiveWebhook } from './endpoints/api/webhooks.js';
import { GatehouseError } from './errors.js';
import { basePath } from './middleware/base-path.js';
import { parsedBody } from './middleware/body.js';
import { createBodyReceiver } from './http/receive-body.js';
import { createCrossOrigin } from './middleware/cross-origin.js';
import { createCsrf, fromOurOrigins } from './middleware/csrf.js';
import { errorHandler } from './middleware/error-handler.js';
import { httpsOnly } from './middleware/https-only.js';
import { below, inTurn } from './middleware/in-turn.js';
import { rememberLanguage } from './middleware/language.js';
import { oneLoopbackName } from './middleware/loopback-name.js';
import { createOriginRules } from './middleware/origin.js';
import { limitPerAddress } from './middleware/rate-limit.js';
import { requestId } from './http/request-id.js';
import { route } from './middleware/route.js';
import { plainHeaders, securityHeaders } from './middleware/security-headers.js';
import { sessionMiddleware } from './middleware/session.js';
import { standingMiddleware } from './middleware/standing.js';
import type { SetUpSheets } from './providers/set-up-sheets.js';
import type { Services } from './services.js';
import type { Views } from './views/render.js';

interface Outside {
  views: Views;
  setUps: SetUpSheets;
  /** Where the sandbox answers, when it runs. */
  sandboxUrl?: string;
  /** Keys of the sandbox's providers, by provider: shown on the page that asks for one. */
  testKeys?: Readonly<Record<string, readonly string[]>>;
  isShuttingDown: () => boolean;
}

/** The table of contents: the order of the lines is the order in which a request meets them. */
export function createApp(services: Services, outside: Outside): Express {
  const { views, setUps, sandboxUrl, testKeys, isShuttingDown } = outside;
  const { configuration, registry, cookies, sessions, log, store } = services;
  const { publicUrl, allowedOrigins, sessionSecrets: secrets, trustProxy, production } = configuration;
  const addresses = createAddresses(configuration);
  const origins = createOriginRules(publicUrl.origin, allowedOrigins);
  const crossOrigin = createCrossOrigin({
    origins,
    anyAllowed: allowedOrigins.length > 0,
    https: cookies.secure,
    exposed: configuration.exposedHeaders,
    methodsOf: (url) => methodsAt(registry, url),
  });
  const csrf = createCsrf({ cookies, origins, secrets });
  const pages = createPages({ views, cookies, csrf, registry, production, testKeys });
  const endpoints = { ...services, addresses, origins, crossOrigin, csrf, pages, setUps, sandboxUrl };
  const https = cookies.secure;
  const receiveBody = createBodyReceiver();

  const app = express();
  app
    .enable('case sensitive routing')
    .disable('x-powered-by')
    .disable('etag')
    .set('query parser', 'simple')
    .set('trust proxy', typeof trustProxy === 'number' ? trustProxy : [...trustProxy]);
  const plain = plainHeaders(https);
  const secured = httpsOnly({ https, address: addresses.of, log });
  const calls = below('/proxy/', secured, crossOrigin.middleware, proxy(endpoints));
  app.use(inTurn(basePath(configuration.basePath), requestId, calls));
  route(app, '/healthz', { get: [plain, healthz] });
  route(app, '/readyz', { get: [plain, readyz(services, isShuttingDown)] });
  app.use(secured);
  app.all('/webhooks/:provider', plain, onlyEvents, receiveWebhook({ ...services, receiveBody }));
  const logouts = limitPerAddress(store, { name: 'backchannel-logout', most: 600, windowMs: 60_000 });
  const endByProvider = backchannelLogout({ ...services, receiveBody }) as RequestHandler;
  route(app, '/connect/:provider/backchannel-logout', { post: [plain, logouts, endByProvider] });
  app.use(crossOrigin.middleware);

  if (!production) app.use(oneLoopbackName(publicUrl));
  app.use(securityHeaders({ https, production }));
  app.use('/assets', ...serveAssets(views));
  route(app, '/gatehouse.js', { get: frontEndModule(services, 'gatehouse.js') });
  route(app, '/gatehouse.d.ts', { get: frontEndModule(services, 'gatehouse.d.ts') });
  app.use(rememberLanguage(cookies));
  app.use(sessionMiddleware({ sessions, cookies, secrets }));
  app.use(standingMiddleware(services.holders, configuration.ownership));
  app.use(routes(endpoints));

  app.use(() => {
    throw new GatehouseError('not_found', 'There is nothing at this address. The home page leads on.');
  });
  app.use(
    errorHandler({
      crossOrigin,
      https,
      log,
      registry,
      address: addresses.of,
      signIn: (req, res) => signInOffer({ ...services, addresses }, req, res),
      page: (req, _res, problem, signIn) => pages.error(req, problem, signIn),
    }),
  );
  return app;

  function routes(all: typeof endpoints): Router {
    const router = express.Router({ caseSensitive: true });
    const starts = limitPerAddress(store, { name: 'connect', most: 240, windowMs: 60_000 });
    const connectable = onlyConnectable(registry);
    const known = onlyNamed(registry);
    const removable = onlyRemovable(all);
    const body = parsedBody(receiveBody);
    const protect = (...checks: RequestHandler[]) => [csrf.expectProof, ...checks, body, csrf.protect()];
    const protectStart = [csrf.expectProof, body, csrf.protect({ anonymousToken: true })];

    route(router, '/', { get: home(all) });
    route(router, '/connect/:provider', {
      get: [connectable, starts, connectByLink(all)],
      post: [connectable, starts, ...protectStart, connectByForm(all)],
      head: false,
    });
    route(router, '/connect/:provider/callback', { get: callback(all), head: false });
    route(router, '/connect/:provider/confirm', {
      get: confirmPage(all),
      post: [...protect(connectable), confirm(all)],
    });
    route(router, '/connect/:provider/organization', {
      get: organizationPage(all),
      post: [...protect(connectable, withSession), answerOrganizationPage(all)],
    });
    route(router, '/connections/:key', { get: connectionPage(all) });
    route(router, '/connections/:key/example', { post: [...protect(known), exampleAnswer(all)] });
    route(router, '/connections/:key/rename', { post: [...protect(known, withSession), renameByForm(all)] });
    route(router, '/connections/:key/disconnect', { post: [...protect(removable), disconnectByForm(all)] });
    route(router, '/connections/:key/organization', {
      post: [...protect(known, withSession), chooseOrganizationByForm(all)],
    });
    route(router, '/session/keep', { get: keepPage(all), post: [...protect(), answerKeepPage(all)] });
    route(router, '/popup', { get: popupPage(all), head: false });
    route(router, '/setup/:provider', { get: setup(all) });
    route(router, '/openapi.json', { get: openApi(all) });
    route(router, '/docs', { get: docs(all) });
    route(router, '/logout', { post: [...protect(), logout(all)] });

    route(router, '/api/session', { get: session(all) });
    route(router, '/api/session/owner', { put: [...protect(ownersOnly(all)), bindOwner(all)] });
    route(router, '/api/session/nonce', { post: [...protect(ownersOnly(all)), makeNonce(all)] });
    route(router, '/session/owner', { post: [fromOurOrigins(origins), ownersOnly(all), body, bindOwnerByForm(all)] });
    route(router, '/api/popups/:popup', { get: popupOutcome(all), head: false });
    route(router, '/api/connections', { get: connections(all) });
    route(router, '/api/connections/:key', {
      get: connection(all),
      patch: [...protect(known, withSession), rename(all)],
      delete: [...protect(removable), disconnect(all)],
    });
    route(router, '/api/connections/:key/refresh', { post: [...protect(known), forceRefresh(all)] });
    route(router, '/api/connections/:key/organizations', { get: organizations(all) });
    route(router, '/api/connections/:key/organization', {
      put: [...protect(known, withSession), putOrganization(all)],
    });
    return router;
  }
}
