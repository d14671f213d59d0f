import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { DestinationStream } from 'pino';
import { createApp } from './app.js';
import { gatherConfiguration, type Configuration } from './config/configuration.js';
import { ConfigurationError, type ConfigurationProblem } from './config/configuration-error.js';
import type { Environment, Variables } from './config/environment.js';
import { createAccess } from './connections/access.js';
import { createAccountLimits } from './connections/account-limits.js';
import { createApplicationAccess } from './connections/application-access.js';
import { createMemberships } from './connections/memberships.js';
import { createPendingAuthorizations } from './connections/attempts.js';
import { createRefresher } from './connections/refresh/refresher.js';
import { createRefusedTokens } from './connections/refusals/refused-tokens.js';
import { createAddresses } from './config/addresses.js';
import { warnOfMisspelt } from './config/misspelt.js';
import { createHttpServer } from './http/server.js';
import { createInFlight } from './in-flight.js';
import { createLog, type Log } from './log/log.js';
import { createMetrics, type Metrics } from './metrics/metrics.js';
import { openMetricsPort } from './metrics/metrics-server.js';
import { createHttpClients } from './http/client.js';
import { createJsonWebKeys } from './oauth/json-web-keys.js';
import type { Definitions } from './providers/definition.js';
import { createRegistry, gatherDefinitions, type ProviderRegistry } from './providers/registry.js';
import { setUpSheets, type SetUpSheets } from './providers/set-up-sheets.js';
import { unfitSignIns } from './providers/unfit-sign-ins.js';
import { variablePrefix } from './providers/variable.js';
import { leftOut } from './providers/read-folder.js';
import { createCallLimit } from './proxy/call-limit.js';
import { describeProxies } from './config/outgoing-proxies.js';
import type { ProxySettings } from './http/dispatcher.js';
import { createForwarder } from './proxy/forward.js';
import type { Sandbox } from './sandbox/sandbox.js';
import { createGrants } from './oauth/grants.js';
import { createRecords } from './records.js';
import type { Services } from './services.js';
import { createNonces } from './sessions/owners/nonces.js';
import { createCookies } from './sessions/cookies.js';
import { openStore } from './store/open-store.js';
import { readRedisAddress } from './store/redis/redis-store.js';
import { RedisUrlError } from './store/redis/url.js';
import type { OpenedStore } from './store/store.js';
import { createViews, type Views } from './views/render.js';
import { TemplateProblems } from './views/template-problems.js';
import { startSandboxIfWanted, withSandbox } from './with-sandbox.js';

export interface StartOptions {
  env: Variables;
  /** What is wrong with the file that variables were read from. */
  problems?: readonly ConfigurationProblem[];
  warnings?: readonly string[];
  /** Milliseconds since the epoch; a test moves it. */
  now?: () => number;
  /** Where log lines go; the terminal unless told. */
  logDestination?: DestinationStream;
}

export interface Gatehouse {
  /** PUBLIC_URL. */
  url: string;
  port: number;
  configuration: Configuration;
  registry: ProviderRegistry;
  sandbox?: Sandbox;
  log: Log;
  /**
   * Says at /readyz that it is going, takes calls for `acceptMs` more (0 unless told: whoever balances the load has to
   * notice first), then lets those under way finish and refreshes be saved.
   */
  close(options?: { acceptMs?: number }): Promise<void>;
}

/** Milliseconds for which a stop waits for what is under way. */
const stopTimeoutMs = 26_000;

/** Reads the configuration, opens what it names, and listens. Throws ConfigurationError. */
export async function startGatehouse(options: StartOptions): Promise<Gatehouse> {
  const { env, now = Date.now, logDestination } = options;
  const { configuration, environment } = gatherConfiguration(env, options);
  const definitions = gatherProblems(configuration, environment);
  const views = gatherViews(configuration, environment);
  const metrics = createMetrics({ now });
  const log = createLog({
    level: configuration.logLevel,
    format: configuration.logFormat,
    ...(logDestination ? { destination: logDestination } : {}),
    observe: (event, fields) => metrics.observe(event, fields),
    auditKey: configuration.sessionSecrets[0],
  });
  const sandbox = await startSandboxIfWanted(configuration, environment, definitions, log, now);
  try {
    const registry = createRegistry(...withSandbox(definitions, env, environment, sandbox), configuration);
    for (const warning of configuration.warnings) log.warn('configuration.warning', { hint: warning });
    refuseUnfitSignIns(configuration, registry);
    for (const { id } of registry.all()) metrics.offer(id);
    const store = metrics.measured(open(configuration, log));
    const setUps = setUpSheets(definitions, environment);
    return await listen({
      ...{ configuration, definitions, registry, setUps, views, store, metrics, log, now },
      ...(sandbox ? { sandbox } : {}),
    });
  } catch (error) {
    await sandbox?.close();
    throw error;
  }
}

interface Parts {
  configuration: Configuration;
  definitions: Definitions;
  registry: ProviderRegistry;
  setUps: SetUpSheets;
  views: Views;
  store: OpenedStore;
  metrics: Metrics;
  log: Log;
  now: () => number;
  sandbox?: Sandbox;
}

async function listen(parts: Parts): Promise<Gatehouse> {
  const { configuration, definitions, registry, setUps, views, store, metrics, log, now, sandbox } = parts;
  const { publicUrl, host, port, sessionSecrets } = configuration;
  const proxies = proxiesBeside(configuration, sandbox);
  const {
    http,
    apiHttp,
    tokens,
    revocations,
    close: closeHttp,
  } = createHttpClients({ proxies, isVariableHost: registry.isVariableHost });
  const grants = createGrants(tokens, revocations);
  const records = createRecords({ configuration, definitions, registry, store, http, grants, log, now });
  const { vault, directory, revoker, connections, pauses } = records;
  const refresher = createRefresher({
    store,
    vault,
    connections,
    directory,
    grants,
    http: apiHttp,
    revoker,
    pauses,
    now,
    log,
  });
  const inFlight = createInFlight();
  const access = createAccess({ store, connections, refresher, now });
  const forwarder = createForwarder({ proxies, isVariableHost: registry.isVariableHost });
  const cookies = createCookies({
    secure: publicUrl.protocol === 'https:',
    secrets: sessionSecrets,
    name: configuration.cookieName,
  });
  const services: Services = {
    configuration,
    registry,
    store,
    cookies,
    pending: createPendingAuthorizations({ store, vault, now }),
    connections,
    candidates: records.candidates,
    pauses,
    held: records.held,
    sessions: records.sessions,
    holders: records.holders,
    owners: records.owners,
    ownerSlots: records.ownerSlots,
    signedIn: records.signedIn,
    nonces: createNonces({ store, cookies, now }),
    access,
    applicationAccess: createApplicationAccess({
      registry,
      held: records.held,
      connections,
      access,
      refresher,
      directory,
      http: apiHttp,
      log,
      now,
    }),
    refusedTokens: createRefusedTokens({ store, connections, refresher, http: apiHttp, now, log }),
    memberships: createMemberships({ store, connections, http: apiHttp, now, log }),
    refresher,
    revoker,
    directory,
    grants,
    keys: createJsonWebKeys(http, now),
    http,
    apiHttp,
    forwarder,
    callLimit: createCallLimit(configuration.proxyCallsPerSession),
    accountLimits: createAccountLimits({ store, secret: sessionSecrets[0] ?? '', now }),
    inFlight,
    log,
    metrics,
    now,
  };
  let shuttingDown = false;
  const app = createApp(services, {
    views,
    setUps,
    isShuttingDown: () => shuttingDown,
    ...(sandbox ? { sandboxUrl: sandbox.url, testKeys: sandbox.keys } : {}),
  });
  const { server, drain } = createHttpServer(app, {
    https: publicUrl.protocol === 'https:',
    keepAliveTimeoutMs: configuration.keepAliveSeconds * 1000,
  });
  await once(server.listen(port, host), 'listening');
  const metricsPort = await openMetricsPort(metrics, configuration, log);
  const offered = registry.all();
  log.info('server.started', { url: publicUrl.href, port, providers: offered.map(({ id }) => id).join(' ') });
  if (proxies) log.info('server.outgoing_proxy', { hint: describeProxies(proxies) });
  if (offered.length === 0)
    log.warn('server.no_providers', { hint: 'no provider is configured: set <ID>_CLIENT_ID and <ID>_CLIENT_SECRET' });
  const { redirectUri } = createAddresses(configuration);
  for (const provider of offered) {
    const uri = provider.grant === 'authorization_code' ? { redirect_uri: redirectUri(provider.id) } : {};
    log.info('provider.offered', { provider: provider.id, environment: provider.environment ?? 'none', ...uri });
    directory.get(provider).catch(() => undefined);
  }

  return {
    url: createAddresses(configuration).home.replace(/\/$/, ''),
    port,
    configuration,
    registry,
    log,
    ...(sandbox ? { sandbox } : {}),
    close: async ({ acceptMs = 0 } = {}) => {
      shuttingDown = true;
      log.info('server.stopping', { accepting_ms: acceptMs });
      const began = performance.now();
      await drain(20_000, acceptMs);
      const leftMs = Math.max(1_000, stopTimeoutMs - (performance.now() - began));
      // A token response that is late may be the only copy of new tokens.
      const settled = Promise.all([refresher.settled(), inFlight.settled()]);
      await Promise.race([settled, wait(leftMs, undefined, { ref: false })]);
      await Promise.allSettled([forwarder.close(), sandbox?.close()]);
      await Promise.allSettled([closeHttp(), store.close(), metricsPort.close()]);
    },
  };
}

/** The sandbox runs in this process, and no proxy leads to it. */
function proxiesBeside({ proxies }: Configuration, sandbox: Sandbox | undefined): ProxySettings | undefined {
  if (!proxies || !sandbox) return proxies;
  return { ...proxies, no: [proxies.no, new URL(sandbox.url).host].filter((entry) => entry !== '').join(',') };
}

function open({ redis, sessionIdleSeconds }: Configuration, log: Log): OpenedStore {
  // A session that is used is prolonged well before half of its idle limit has passed: none is remembered past its end.
  const recallForMs = Math.min(60_000, sessionIdleSeconds * 500);
  return openStore(redis, { log, recallForMs });
}

/** A Connect button that signs people in must lead to a provider whose ID token says who they are. Throws ConfigurationError. */
function refuseUnfitSignIns({ ownership }: Configuration, registry: ProviderRegistry): void {
  const unfit = unfitSignIns(ownership?.signInWith ?? [], registry.get);
  if (unfit.length > 0) throw new ConfigurationError(unfit);
}

/** Looks for everything that is wrong before anything is opened, so that it is all said at once. */
function gatherProblems({ redis, providersDirectory }: Configuration, environment: Environment): Definitions {
  const { refuse, warn } = environment;
  try {
    if (redis) readRedisAddress(redis.url, redis.ca);
  } catch (error) {
    if (!(error instanceof RedisUrlError)) throw error;
    refuse('REDIS_URL', error.message.replace(/^REDIS_URL /, 'it '), 'Correct the address.');
  }
  const { definitions, problems } = gatherDefinitions(providersDirectory);
  warnOfMisspelt(environment, [...definitions.keys()].map(variablePrefix));
  for (const { where, what, remedy } of problems) refuse(where, what, remedy);
  const unread = providersDirectory === undefined ? [] : leftOut(providersDirectory);
  if (unread.length > 0) warn(`PROVIDERS_DIR: ${unread.join(', ')} not read; provider files end in .yaml or .yml.`);
  return definitions;
}

/** Compiles the templates, and names what is wrong with those in the operator's folder. */
function gatherViews({ basePath, viewsDirectory }: Configuration, { refuse }: Environment): Views {
  const directory = new URL('../views/', import.meta.url);
  try {
    return createViews({ directory, overrides: viewsDirectory, basePath });
  } catch (error) {
    if (!(error instanceof TemplateProblems)) throw error;
    for (const { file, what } of error.problems)
      refuse('VIEWS_DIR', `${file}: ${what}`, 'Correct the file, or remove it so that ours is used.');
    return createViews({ directory, basePath });
  }
}
