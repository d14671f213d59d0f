import { startApp, testEnvironment } from './app.js';
import type { App } from './app.js';
import { createBrowser } from './browser.js';
import type { Browser, BrowserOptions } from './browser.js';
import { connect } from './journey.js';
import type { Journey, JourneyOptions } from './journey.js';
import { startMisbehaving } from './misbehaving.js';
import type { MisbehavingOptions, MisbehavingServer, ProviderFileOptions } from './misbehaving.js';
import { createProvidersDirectory } from './providers-directory.js';
import { startUpstream } from './upstream.js';
import type { Upstream, UpstreamOptions } from './upstream.js';

export interface WorldOptions {
  /** Laid over the test environment: REDIS_URL, PUBLIC_URL, limits. */
  env?: Record<string, string>;
  server?: MisbehavingOptions;
  /** The file of the provider `acme`, which the misbehaving server and the upstream stand for. */
  provider?: Omit<ProviderFileOptions, 'id' | 'apiBase'>;
  /** Further provider files: text by id. */
  files?: Record<string, string>;
  upstream?: Omit<UpstreamOptions, 'accepts'>;
  browser?: BrowserOptions;
}

export interface World {
  server: MisbehavingServer;
  upstream: Upstream;
  app: App;
  browser: Browser;
  /** What the app was started with; enough to start a second process beside it. */
  env: Record<string, string>;
  /** What the app logged, a JSON line each. */
  lines: string[];
  /** A browser connects; `acme` in the world's own browser when nothing else is said. */
  connect(options?: JourneyOptions & { provider?: string; browser?: Browser }): Promise<Journey>;
  /** Moves the clocks of the app and of the authorization server together. */
  forward(seconds: number): void;
  close(): Promise<void>;
}

/** An app with one provider, `acme`: an authorization server that can be bent and an API that records its callers. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const server = await startMisbehaving({ now, ...options.server });
  const upstream = await startUpstream({ ...options.upstream, accepts: (token) => server.grants.accepts(token) });
  const file = server.providerFile({ ...options.provider, apiBase: upstream.origin });
  const providers = await createProvidersDirectory({ acme: file, ...options.files });
  const env = await testEnvironment({ PROVIDERS_DIR: providers.path, ...server.environment('acme'), ...options.env });
  const closeRest = () => Promise.all([server.close(), upstream.close(), providers.remove()]);
  const app = await startApp(env, now).catch(async (error: unknown) => {
    await closeRest();
    throw error;
  });
  const { origin } = new URL(app.url);
  const browser = createBrowser(app.url, {
    secureContext: true,
    routes: { [origin]: `http://127.0.0.1:${app.port}` },
    now,
    ...options.browser,
  });
  return {
    server,
    upstream,
    app,
    browser,
    env,
    lines: app.lines,
    connect: ({ provider = 'acme', browser: other = browser, ...journey } = {}) => connect(other, provider, journey),
    forward: (seconds) => {
      ahead += seconds * 1000;
    },
    async close() {
      await app.close();
      await closeRest();
    },
  };
}
