import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving } from '../world/misbehaving.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import type { Answer } from '../world/answer.js';

/** Two real processes on one Redis, a provider, and an API that counts its connections. */
export interface TwoProcesses {
  redis: RedisServer;
  api: {
    bearers: string[];
    /** The organization that the latest call named. */
    organization: string | undefined;
    connections: number;
    /** While it is there, answers lack their last byte until it resolves. */
    lastByte: Promise<void> | undefined;
  };
  /** The port of the second process. */
  port: number;
  /** A person with a new session that is connected to the provider. */
  person(): Promise<Person>;
  /** How often values were read from Redis. */
  reads(): Promise<number>;
  /** What Redis was told to do: `probes` are the keys set, `total` is everything else but scripts, what these ask, INFO, and the PING that goes
   * before a probe on a connection that rested. */
  commands(): Promise<{ total: number; probes: number }>;
  cutChannels(): Promise<void>;
  close(): Promise<void>;
}

export interface Person {
  /** The browser by way of the first and of the second process. */
  first: Browser;
  second: Browser;
}

const organizations = {
  request: { path: '/organizations' },
  id: 'id',
  name: ['name'],
  header: 'X-Organization',
  refusal_status: [403],
};

export async function startTwoProcesses(): Promise<TwoProcesses> {
  const api: TwoProcesses['api'] = { bearers: [], organization: undefined, connections: 0, lastByte: undefined };
  const apiServer = createServer((req, res) => {
    res.setHeader('Content-Type', 'application/json');
    if (req.url === '/organizations') {
      res.end('[{"id":"o1","name":"Acme"},{"id":"o2","name":"Biff"}]');
      return;
    }
    api.bearers.push((req.headers.authorization ?? '').replace('Bearer ', ''));
    api.organization = req.headers['x-organization'] as string | undefined;
    if (api.lastByte === undefined) res.end('{}');
    else {
      res.setHeader('Content-Length', '2').write('{');
      void api.lastByte.then(() => res.end('}'));
    }
  }).listen(0, '127.0.0.1');
  apiServer.on('connection', () => (api.connections += 1));
  await once(apiServer, 'listening');
  const apiBase = `http://127.0.0.1:${(apiServer.address() as AddressInfo).port}`;
  const [redis, provider] = await Promise.all([startRedis(), startMisbehaving()]);
  const directory = await createProvidersDirectory({
    acme: provider.providerFile({ apiBase, more: { organizations } }),
  });
  const env = { REDIS_URL: redis.url, PROVIDERS_DIR: directory.path, ...provider.environment() };
  const first = await startProcess(env);
  const { SESSION_SECRET = '', ENCRYPTION_KEYS = '' } = first.env;
  const second = await startProcess({ ...env, SESSION_SECRET, ENCRYPTION_KEYS, PUBLIC_URL: first.url });
  const callsOf = async (name: string): Promise<number> =>
    Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(await redis.cli('info', 'commandstats'))?.[1] ?? 0);

  return {
    redis,
    api,
    port: second.port,
    async person() {
      const browser = createBrowser(first.url);
      const { finalUrl } = await connect(browser, 'acme');
      if (finalUrl.searchParams.get('connected') !== 'acme') throw new Error(`not connected: ${finalUrl.search}`);
      return { first: browser, second: through(second, browser) };
    },
    reads: async () => (await callsOf('get')) + (await callsOf('mget')),
    commands: async () => {
      const stats = await redis.cli('info', 'commandstats');
      const counts = [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name = '', calls]) => ({
        name,
        calls: Number(calls),
      }));
      const of = (wanted: string[]) =>
        counts.filter(({ name }) => wanted.includes(name)).reduce((sum, { calls }) => sum + calls, 0);
      const all = counts.reduce((sum, { calls }) => sum + calls, 0);
      return { total: all - of(['info', 'set', 'evalsha', 'eval', 'time', 'ping']), probes: of(['set']) };
    },
    async cutChannels() {
      const clients = (await redis.cli('client', 'list')).split('\n');
      for (const line of clients.filter((each) => each.includes('name=gatehouse-changes')))
        await redis.cli('client', 'kill', 'id', /\bid=(\d+)/.exec(line)?.[1] ?? '');
    },
    async close() {
      await Promise.all([first.stop(), second.stop()]);
      await Promise.all([provider.close(), redis.stop(), directory.remove()]);
      apiServer.closeAllConnections();
      await new Promise((resolve) => apiServer.close(resolve));
    },
  };
}

function through(process: ServerProcess, { base, jar }: Browser): Browser {
  return createBrowser(base.href, { routes: { [base.origin]: `http://127.0.0.1:${process.port}` } }, jar);
}

export function call(browser: Browser): Promise<Answer> {
  return browser.api.get('/proxy/acme/invoices');
}

/** Calls until three in a row have asked Redis nothing. */
export async function warmUp(world: TwoProcesses, browser: Browser): Promise<void> {
  for (const deadline = Date.now() + 5000; ;) {
    await call(browser);
    const before = await world.reads();
    for (let turn = 0; turn < 3; turn += 1) await call(browser);
    if ((await world.reads()) === before) return;
    if (Date.now() > deadline) throw new Error('the calls never became warm');
  }
}
