import { createBrowser, type Browser } from '../world/browser.js';
import { testEnvironment } from '../world/app.js';
import { connect } from '../world/journey.js';
import { freePort } from '../world/listen.js';
import { startMisbehaving, type MisbehavingOptions, type MisbehavingServer } from '../world/misbehaving.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import type { Answer } from '../world/answer.js';

export interface StageOptions {
  redisUrl: string;
  env?: Record<string, string>;
  server?: MisbehavingOptions;
}

export interface StartOptions {
  env?: Record<string, string>;
  ready?: boolean;
}

/** A person with a browser that speaks to one of the processes. */
export interface Person {
  browser: Browser;
  /** The person's next requests go to this process. */
  at(process: ServerProcess): Person;
  /** Signs in at `acme`, or at the other provider. Throws unless it ends connected. */
  connect(provider?: 'acme' | 'other'): Promise<void>;
  /** One proxied call. */
  call(provider?: 'acme' | 'other'): Promise<Answer>;
  sessionCookie(): string | undefined;
}

/** Real processes over one store, an authorization server with two providers' worth of clients, and an API. */
export interface Stage {
  server: MisbehavingServer;
  upstream: Upstream;
  /** Every process answers for this address. */
  publicUrl: string;
  start(options?: StartOptions): Promise<ServerProcess>;
  person(process: ServerProcess): Person;
  close(): Promise<void>;
}

export async function openStage({ redisUrl, env = {}, server: options }: StageOptions): Promise<Stage> {
  const server = await startMisbehaving(options);
  const upstream = await startUpstream({ accepts: (token) => server.grants.accepts(token) });
  const file = (id: string) => server.providerFile({ id, apiBase: upstream.origin });
  const providers = await createProvidersDirectory({ acme: file('acme'), other: file('other') });
  const publicUrl = `http://localhost:${await freePort()}`;
  const { PORT: _port, METRICS_PORT: _metricsPort, ...secrets } = await testEnvironment();
  const shared = {
    ...secrets,
    PUBLIC_URL: publicUrl,
    PROVIDERS_DIR: providers.path,
    REDIS_URL: redisUrl,
    ...server.environment('acme'),
    ...server.environment('other'),
    ...env,
  };
  const processes: ServerProcess[] = [];
  return {
    server,
    upstream,
    publicUrl,
    async start({ env: more = {}, ready = true } = {}) {
      const started = await startProcess({ ...shared, ...more }, { ready });
      processes.push(started);
      return started;
    },
    person: (process) => createPerson(publicUrl, process),
    async close() {
      await Promise.all(processes.map((each) => each.stop(0)));
      await Promise.all([server.close(), upstream.close(), providers.remove()]);
    },
  };
}

function createPerson(publicUrl: string, process: ServerProcess): Person {
  const routes: Record<string, string> = {};
  const browser = createBrowser(publicUrl, { routes });
  const person: Person = {
    browser,
    at({ port }) {
      routes[publicUrl] = `http://127.0.0.1:${port}`;
      return person;
    },
    async connect(provider = 'acme') {
      const { final, finalUrl } = await connect(browser, provider);
      if (finalUrl.searchParams.get('connected') !== provider)
        throw new Error(`not connected: ${final.status} ${finalUrl.search} ${final.text.slice(0, 200)}`);
    },
    call: (provider = 'acme') => browser.api.get(`/proxy/${provider}/v1/things`),
    sessionCookie: () => browser.cookies().find(({ name }) => /^(__Host-)?gatehouse$/.test(name))?.value,
  };
  return person.at(process);
}
