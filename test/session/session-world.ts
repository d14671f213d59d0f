import { EventEmitter, once } from 'node:events';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect, type Journey } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { clientEnvironment, createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import type { Answer } from '../world/answer.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

/** The server over a real Redis, with providers of one authorization server and an API that records its callers. */
export interface SessionWorld {
  redis: RedisServer;
  server: MisbehavingServer;
  upstream: Upstream;
  app: App;
  env: Record<string, string>;
  /** A browser that reaches the app at PUBLIC_URL, also where that is https. */
  browser(): Browser;
  /** A new browser with a connection at every named provider. */
  connected(...providers: string[]): Promise<Browser>;
  /** Ends the app and starts it with these variables over the ones before. */
  restart(env: Record<string, string>): Promise<void>;
  /** What Redis holds, but the empty keys by which the server proves that it can write. */
  keys(): Promise<string[]>;
  /** How many commands on data Redis has executed since the last call. */
  commands(): Promise<number>;
  close(): Promise<void>;
}

const probe = 'gh:{probe}:';

/** Commands that a store look-up or a write is made of; the bookkeeping of connections is not counted. */
const dataCommands = /^cmdstat_(get|mget|set|del|exists|eval|evalsha|pexpire|incr|pttl):calls=(\d+)/;

export async function startSessionWorld(
  given: Record<string, string> = {},
  providers: readonly string[] = ['acme'],
  more: Record<string, unknown> = {},
): Promise<SessionWorld> {
  const clock = { now: Date.now };
  const now = () => clock.now();
  const [redis, server, upstream] = await Promise.all([startRedis(), startMisbehaving({ now }), startUpstream()]);
  const file = (id: string) => server.providerFile({ id, apiBase: upstream.origin, more });
  const directory: ProvidersDirectory = await createProvidersDirectory(
    Object.fromEntries(providers.map((id) => [id, file(id)])),
  );
  const { clientId, clientSecret } = server.options;
  const clients = providers.map((id) => clientEnvironment(id, clientId, clientSecret));
  let env = await testEnvironment({
    REDIS_URL: redis.url,
    PROVIDERS_DIR: directory.path,
    ...Object.fromEntries(clients.flatMap((client) => Object.entries(client))),
    ...given,
  });
  let app = await startApp(env);
  clock.now = app.now;
  const browser = () => {
    const { origin } = new URL(app.url);
    const routes = { [origin]: `http://127.0.0.1:${app.port}` };
    return createBrowser(app.url, { routes });
  };
  return {
    redis,
    server,
    upstream,
    get app() {
      return app;
    },
    get env() {
      return env;
    },
    browser,
    connected: async (...wanted) => {
      const made = browser();
      for (const provider of wanted) await connectOrFail(made, provider);
      return made;
    },
    restart: async (changes) => {
      await app.close();
      env = { ...env, ...changes };
      app = await startApp(env);
      clock.now = app.now;
    },
    keys: async () => (await redis.cli('--scan')).split('\n').filter((key) => key !== '' && !key.startsWith(probe)),
    commands: async () => {
      const lines = (await redis.cli('info', 'commandstats')).split('\r\n');
      await redis.cli('config', 'resetstat');
      return lines.reduce((sum, line) => sum + Number(dataCommands.exec(line)?.[2] ?? 0), 0);
    },
    close: async () => {
      await app.close();
      await Promise.all([redis.stop(), server.close(), upstream.close(), directory.remove()]);
    },
  };
}

export async function connectOrFail(browser: Browser, provider: string): Promise<Journey> {
  const journey = await connect(browser, provider);
  if (journey.finalUrl.searchParams.get('connected') !== provider)
    throw new Error(`${provider} was not connected: ${journey.final.status} ${journey.finalUrl.search}`);
  return journey;
}

export const sessionCookie = 'gatehouse';

/** The code of our own refusal, or the status where there is none. */
export function outcome(answer: Answer): string {
  const code = answer.headers['x-gatehouse-error'];
  return `${answer.status}${code === undefined ? '' : ` ${String(code)}`}`;
}

/** Holds something back until it is let go. */
export function gate(): { held: Promise<unknown>; letGo: () => void } {
  const events = new EventEmitter();
  return { held: once(events, 'go'), letGo: () => events.emit('go') };
}
