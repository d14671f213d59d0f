import { parse, stringify } from 'yaml';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import type { Browser, NavigateOptions } from '../world/browser.js';
import { startMisbehaving } from '../world/misbehaving.js';
import type { MisbehavingOptions, MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import type { Answer } from '../world/answer.js';

export interface ConnectWorldOptions {
  /** Laid over the environment. */
  env?: Record<string, string>;
  /** Further keys of the file of `acme`. */
  acme?: Record<string, unknown>;
  /** Further keys of the file of `books`. */
  books?: Record<string, unknown>;
  /** Of both authorization servers. */
  server?: MisbehavingOptions;
  /** Further provider files by id; they extend what they name. */
  files?: Record<string, Record<string, unknown>>;
}

/** The server with two OpenID providers, `acme` and `books`, each with an authorization server of its own. */
export interface ConnectWorld {
  readonly app: App;
  /** The variables of the running server. */
  readonly env: Record<string, string>;
  /** Ends the server, and starts it again with these variables over the ones before; the browsers keep their cookies. */
  restart(env: Record<string, string>): Promise<void>;
  acme: MisbehavingServer;
  books: MisbehavingServer;
  newBrowser(): Browser;
  /** The person starts; answers the authorization request. */
  start(browser: Browser, provider?: string, query?: Record<string, string>): Promise<URL>;
  /** The authorization server sends the person back; answers the callback's address. */
  authorize(request: URL): Promise<URL>;
  /** From the start to the callback's address. */
  toCallback(browser: Browser, provider?: string, query?: Record<string, string>): Promise<URL>;
  /** The browser follows the authorization server's redirect to the callback. */
  open(browser: Browser, callback: URL, options?: NavigateOptions): Promise<Answer>;
  /** All of it; answers the callback's answer. */
  connect(browser: Browser, provider?: string, query?: Record<string, string>): Promise<Answer>;
  /** Each provider's status as the browser's own front end is told. */
  statuses(browser: Browser): Promise<Record<string, string>>;
  /** Codes that reached the token endpoints. */
  exchanges(): number;
  /** Both authorization servers are right again, and count from zero. */
  reset(): void;
  close(): Promise<void>;
}

export interface ConnectionBody {
  id: string | null;
  label: string | null;
  provider: string;
  status: string;
  account: { subject: string | null; label: string | null };
  scopes: { granted: string[]; missing: string[] } | null;
  access: { expires_in: number; source: string; refreshable: boolean } | null;
}

export async function startConnectWorld(options: ConnectWorldOptions = {}): Promise<ConnectWorld> {
  const clock = { now: Date.now };
  const both = { now: () => clock.now(), ...options.server };
  const [acme, books] = await Promise.all([startMisbehaving(both), startMisbehaving(both)]);
  const directory = await createProvidersDirectory({
    acme: merged(acme.providerFile({ id: 'acme' }), options.acme),
    books: merged(books.providerFile({ id: 'books' }), options.books),
    ...Object.fromEntries(
      Object.entries(options.files ?? {}).map(([id, file]) => [id, stringify({ id, ...fill(file, acme) })]),
    ),
  });
  const clients = Object.fromEntries(
    ['acme', 'books', ...Object.keys(options.files ?? {})].flatMap((id) =>
      Object.entries((id === 'books' ? books : acme).environment(id)),
    ),
  );
  let env = await testEnvironment({ PROVIDERS_DIR: directory.path, ...clients, ...options.env });
  let app = await startApp(env);
  clock.now = () => app.now();
  const newBrowser = () => createBrowser(app.url);

  const start: ConnectWorld['start'] = async (browser, provider = 'acme', query = {}) => {
    const url = new URL(`connect/${provider}`, `${app.url}/`);
    url.search = new URLSearchParams(query).toString();
    const answer = await browser.navigate(url, { from: browser.base, follow: false });
    if (!answer.location) throw new Error(`the start answered ${answer.status}: ${answer.text.slice(0, 300)}`);
    return answer.location;
  };
  const authorize: ConnectWorld['authorize'] = async (request) => {
    const answer = await createBrowser(request.origin).get(request);
    if (!answer.location) throw new Error(`the authorization server answered ${answer.status}`);
    return answer.location;
  };
  const toCallback: ConnectWorld['toCallback'] = async (browser, provider, query) =>
    authorize(await start(browser, provider, query));
  const open: ConnectWorld['open'] = (browser, callback, given) =>
    browser.navigate(callback, { from: acme.origin, follow: false, ...given });

  return {
    get env() {
      return env;
    },
    get app() {
      return app;
    },
    restart: async (more) => {
      await app.close();
      env = { ...env, ...more };
      app = await startApp(env);
    },
    acme,
    books,
    newBrowser,
    start,
    authorize,
    toCallback,
    open,
    connect: async (browser, provider, query) => open(browser, await toCallback(browser, provider, query)),
    statuses: async (browser) => {
      const { connections } = (await browser.api.get('/api/session')).json as { connections: ConnectionBody[] };
      return Object.fromEntries(connections.map(({ provider, status }) => [provider, status]));
    },
    exchanges: () => acme.tokenCallsOf('authorization_code') + books.tokenCallsOf('authorization_code'),
    reset: () => {
      acme.reset();
      books.reset();
    },
    close: async () => {
      await app.close();
      await Promise.all([acme.close(), books.close(), directory.remove()]);
    },
  };
}

export async function connectionOf(browser: Browser, provider = 'acme'): Promise<ConnectionBody> {
  return (await browser.api.get(`/api/connections/${provider}`)).json as ConnectionBody;
}

/** The outcome that an address carries back to the application. */
export function outcomeOf(answer: Answer): string | null {
  return answer.location?.searchParams.get('connect_error') ?? null;
}

export function codeOf(answer: Answer): unknown {
  return (answer.json as { code?: unknown }).code;
}

function merged(file: string, more: Record<string, unknown> = {}): string {
  return stringify({ ...(parse(file) as Record<string, unknown>), ...more });
}

/** `$base` in an address stands for the authorization server of `acme`. */
function fill(file: Record<string, unknown>, { base }: MisbehavingServer): Record<string, unknown> {
  return JSON.parse(JSON.stringify(file).replaceAll('$base', base)) as Record<string, unknown>;
}
