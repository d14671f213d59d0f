import { randomBytes } from 'node:crypto';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingOptions, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { eventually, startRedis, type RedisServer } from '../world/redis.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

export interface RefreshWorld {
  server: MisbehavingServer;
  /** Lets in every access token that the authorization server would accept. */
  upstream: Upstream;
  redis: RedisServer;
  /** The first of `apps`. */
  app: App;
  apps: App[];
  /** Environment by which another process shares the sessions. */
  env: Record<string, string>;
  /** Moves the clock of all of them. */
  forward(seconds: number): void;
  now(): number;
  /** A new browser in which these providers are connected. */
  connected(...providers: string[]): Promise<Browser>;
  /** The same browser as another process sees it. */
  at(browser: Browser, port: number): Browser;
  /** The connection as /api/connections tells it. */
  state(browser: Browser, provider?: string): Promise<ConnectionJson>;
  /** Token calls of one grant type since the last `reset`. */
  refreshes(): number;
  /** Right again in every part, the counts at zero. */
  reset(): void;
  close(): Promise<void>;
}

export interface ConnectionJson {
  status: string;
  scopes: { granted: string[] } | null;
  access: { expires_in: number; source: string; refreshable: boolean } | null;
  organization: { id: string | null } | null;
  last_refresh: { result: string } | null;
}

interface WorldOptions {
  /** Servers that share Redis, keys and PUBLIC_URL; 1 when absent, 0 for tests that start processes. */
  apps?: number;
  authorizationServer?: MisbehavingOptions;
  /** Keys of the provider files by id; `acme` alone when absent. */
  providers?: Record<
    string,
    { protocol?: 'oidc' | 'oauth2'; more?: Record<string, unknown>; api?: Record<string, unknown> }
  >;
}

/** An authorization server, an API behind it, a Redis, and servers of ours with one movable clock. */
export async function startRefreshWorld(options: WorldOptions = {}): Promise<RefreshWorld> {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const server = await startMisbehaving({ now, ...options.authorizationServer });
  const upstream = await startUpstream({ accepts: (token) => server.grants.accepts(token) });
  const redis = await startRedis();
  const providers = options.providers ?? { acme: {} };
  const files = Object.entries(providers).map(([id, file]) => {
    const { api, more, ...rest } = file;
    const apiBase = `${upstream.origin}/v1`;
    const text = server.providerFile({ id, apiBase, ...rest, more: { ...more, api: { base_url: apiBase, ...api } } });
    return [id, text] as const;
  });
  const directory = await createProvidersDirectory(Object.fromEntries(files));
  const env: Record<string, string> = {
    PROVIDERS_DIR: directory.path,
    REDIS_URL: redis.url,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ...Object.fromEntries(Object.keys(providers).flatMap((id) => Object.entries(server.environment(id)))),
  };
  const apps: App[] = [];
  for (let count = 0; count < (options.apps ?? 1); count++) {
    const [first] = apps;
    apps.push(await startApp({ ...env, ...(first ? { PUBLIC_URL: first.url } : {}) }, now));
  }

  for (const { port } of apps)
    await eventually(async () => (await createBrowser(`http://127.0.0.1:${port}`).get('/readyz')).status === 200);
  const firstApp = () => {
    const [app] = apps;
    if (!app) throw new Error('this world has no server in the test process');
    return app;
  };

  return {
    server,
    upstream,
    redis,
    get app() {
      return firstApp();
    },
    apps,
    env,
    forward: (seconds) => {
      ahead += seconds * 1000;
    },
    now,
    async connected(...wanted) {
      const browser = createBrowser(firstApp().url);
      const before = upstream.requests.length;
      for (const provider of wanted.length > 0 ? wanted : ['acme']) {
        const { finalUrl } = await connect(browser, provider);
        if (finalUrl.searchParams.get('connected') !== provider) throw new Error(`not connected: ${finalUrl.search}`);
      }
      // The API was asked for the organizations of the account.
      upstream.requests.length = before;
      return browser;
    },
    at: (browser, port) =>
      createBrowser(browser.base.href, { routes: { [browser.base.origin]: `http://127.0.0.1:${port}` } }, browser.jar),
    state: async (browser, provider = 'acme') =>
      (await browser.api.get(`/api/connections/${provider}`)).json as ConnectionJson,
    refreshes: () => server.tokenCallsOf('refresh_token'),
    reset() {
      server.reset();
      upstream.reset();
    },
    async close() {
      await Promise.all(apps.map((app) => app.close()));
      await Promise.all([server.close(), upstream.close(), redis.stop(), directory.remove()]);
    },
  };
}

/** The problem code of an answer of ours, and what else a caller acts on. */
export function problemOf(answer: { status: number; text: string; headers: Record<string, unknown> }): {
  status: number;
  code: unknown;
  marked: unknown;
} {
  const { code } = JSON.parse(answer.text) as { code?: unknown };
  return { status: answer.status, code, marked: answer.headers['x-gatehouse-error'] };
}

/** So many calls of one browser at the same moment: their statuses. */
export async function statuses(count: number, call: (index: number) => Promise<{ status: number }>): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => (await call(index)).status));
}
