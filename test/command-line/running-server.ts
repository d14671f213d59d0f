import { createSecretKey, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import { startUpstream } from '../world/upstream.js';
import { createFolder, type Ran } from './run-command.js';

/** A real process on a real Redis, people who are connected, and an operator beside them with the same variables. */
export interface RunningServer {
  server: MisbehavingServer;
  redis: RedisServer;
  process: ServerProcess;
  env: Record<string, string>;
  /** A new browser that is connected to `acme`, and perhaps bound to an owner. */
  person(owner?: string): Promise<{ browser: Browser; browserId: string }>;
  /** Connects another account of `acme` in that browser; answers the id of the connection. */
  another(browser: Browser, subject: string): Promise<string>;
  operator(args: readonly string[], changes?: Record<string, string>): Promise<Ran>;
  /** Another process in place of the running one. */
  restart(changes: Record<string, string>): Promise<void>;
  close(): Promise<void>;
}

export async function startRunningServer(): Promise<RunningServer> {
  const [redis, server, folder] = await Promise.all([startRedis(), startMisbehaving(), createFolder()]);
  const upstream = await startUpstream({ accepts: (token) => server.grants.accepts(token) });
  const directory = await createProvidersDirectory({ acme: server.providerFile({ apiBase: upstream.origin }) });
  const ownerSecret = randomBytes(32).toString('base64');
  const started = await startProcess({
    REDIS_URL: redis.url,
    PROVIDERS_DIR: directory.path,
    OWNER_SECRET: ownerSecret,
    OWNER_AUDIENCE: 'gatehouse',
    ...server.environment('acme'),
  });
  const assertion = (sub: string) =>
    new SignJWT({ sub, aud: 'gatehouse', jti: randomBytes(8).toString('hex') })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1m')
      .sign(createSecretKey(Buffer.from(ownerSecret)));
  const running: RunningServer = {
    server,
    redis,
    process: started,
    env: started.env,
    async person(owner) {
      const browser = createBrowser(running.process.url);
      const { finalUrl } = await connect(browser, 'acme');
      if (finalUrl.searchParams.get('connected') !== 'acme') throw new Error(`not connected: ${finalUrl.search}`);
      if (owner !== undefined)
        await browser.api.put('/api/session/owner', { json: { assertion: await assertion(owner) } });
      const [, browserId = ''] = /^s(?:%3A|:)([\w-]{22})\./.exec(browser.cookie('gatehouse')?.value ?? '') ?? [];
      return { browser, browserId };
    },
    async another(browser, subject) {
      const before = { ...server.person };
      Object.assign(server.person, { sub: subject, email: `${subject}@example.test` });
      const { finalUrl } = await connect(browser, 'acme', { query: { as: 'new' } });
      Object.assign(server.person, before);
      return finalUrl.searchParams.get('connection') ?? '';
    },
    operator: (args, changes = {}) => folder.run(args, { ...running.env, ...changes }),
    async restart(changes) {
      await running.process.stop();
      running.process = await startProcess({ ...running.env, ...changes });
      running.env = running.process.env;
    },
    async close() {
      await running.process.stop();
      await Promise.all([redis.stop(), server.close(), upstream.close(), directory.remove(), folder.remove()]);
    },
  };
  return running;
}

/** Status and code of a call through the proxy. */
export async function call(browser: Browser): Promise<string> {
  const { status, headers } = await browser.api.get('/proxy/acme/x');
  return [status, headers['x-gatehouse-error']].filter((part) => part !== undefined).join(' ');
}
