import { stringify } from 'yaml';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect, type Journey, type JourneyOptions } from '../world/journey.js';
import { listen, readBody } from '../world/listen.js';
import { clientEnvironment, createProvidersDirectory } from '../world/providers-directory.js';
import { jsonReply, redirectReply, sendReply, type Reply } from '../world/reply.js';
import type { ConnectionJson } from './provider-world.js';

/** A request as a provider of its own dialect heard it. */
export interface Heard {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
  /** The parameters, wherever they stood: in the query, in a form, or in JSON. */
  sent: Record<string, string>;
}

export interface Dialect {
  /** Keys of the file beside the endpoints and `api.base_url`; SERVER stands for its origin, HERE for host and port, HEREPORT for the port. */
  file?: Record<string, unknown>;
  /** Variables beside the client id and secret. */
  env?: Record<string, string>;
  /** Undefined: as the RFCs say. */
  answer?: (heard: Heard, count: number) => Reply | undefined | Promise<Reply | undefined>;
  /** Without one no secret is set. */
  secret?: string | null;
}

export interface DialectWorld {
  app: App;
  origins: Record<string, string>;
  /** What reached the provider at this path, oldest first. */
  heard(id: string, path?: string): Heard[];
  connected(id: string, options?: JourneyOptions): Promise<Browser>;
  journey(id: string, options?: JourneyOptions): Promise<Journey>;
  state(browser: Browser, id: string): Promise<ConnectionJson>;
  close(): Promise<void>;
}

export const clientSecret = 'client-secret-0123';

/** Providers that each speak a dialect of OAuth, with an API at `/api`, and the server that connects to them. */
export async function startDialects(
  dialects: Record<string, Dialect>,
  env: Record<string, string> = {},
): Promise<DialectWorld> {
  const heard = new Map<string, Heard[]>();
  const files: Record<string, string> = {};
  const variables: Record<string, string> = {};
  const origins: Record<string, string> = {};
  const closers: (() => Promise<void>)[] = [];
  for (const [id, { file, env: more, answer, secret = clientSecret }] of Object.entries(dialects)) {
    const requests: Heard[] = [];
    heard.set(id, requests);
    const server = await listen((req, res) => {
      const url = new URL(req.url ?? '', 'http://x');
      const asked = async (): Promise<Reply> => {
        const body = (await readBody(req)).toString();
        const { pathname: path, searchParams: query } = url;
        const { method = '', headers } = req;
        const each = { method, path, query, headers, body, sent: parametersOf(query, body) };
        requests.push(each);
        return (await answer?.(each, requests.length)) ?? standard(each, requests.length);
      };
      void asked().then((reply) => sendReply(res, reply));
    });
    closers.push(() => server.close());
    origins[id] = server.origin;
    const whole = merge(
      {
        id,
        name: `Dialect ${id}`,
        endpoints: { authorization: 'SERVER/authorize', token: 'SERVER/token', revocation: 'SERVER/revoke' },
        api: { base_url: 'SERVER/api' },
      },
      file ?? {},
    );
    files[id] = stringify(whole)
      .replaceAll('SERVER', server.origin)
      .replaceAll('HEREPORT', String(server.port))
      .replaceAll('HERE', new URL(server.origin).host);
    const client = clientEnvironment(id, `client-of-${id}`, secret ?? undefined);
    const offered = { [`${id.toUpperCase().replaceAll('-', '_')}_OFFERED`]: 'true' };
    Object.assign(variables, file?.['grant'] === 'api_key' ? offered : client, more);
  }
  const directory = await createProvidersDirectory(files);
  const closeRest = () => Promise.all([...closers.map((close) => close()), directory.remove()]);
  const app = await startApp({ PROVIDERS_DIR: directory.path, ...variables, ...env }).catch(async (error: unknown) => {
    await closeRest();
    throw error;
  });
  const journey: DialectWorld['journey'] = (id, options) => connect(createBrowser(app.url), id, options);
  return {
    app,
    origins,
    journey,
    heard: (id, path) => (heard.get(id) ?? []).filter((each) => path === undefined || each.path === path),
    connected: async (id, options) => {
      const browser = createBrowser(app.url);
      const { finalUrl } = await connect(browser, id, options);
      if (finalUrl.searchParams.get('connected') !== id) {
        throw new Error(`not connected: ${finalUrl.search}\n${app.lines.slice(-4).join('')}`);
      }
      return browser;
    },
    state: async (browser, id) => (await browser.api.get(`/api/connections/${id}`)).json as ConnectionJson,
    close: async () => {
      await app.close();
      await closeRest();
    },
  };
}

function standard({ path, query }: Heard, count: number): Reply {
  switch (path) {
    case '/authorize': {
      const back = new URL(query.get('redirect_uri') ?? '');
      back.searchParams.set('code', `code-${count}`);
      back.searchParams.set('state', query.get('state') ?? '');
      return redirectReply(back.href);
    }
    case '/token':
      return jsonReply({
        access_token: `access-${count}`,
        refresh_token: `refresh-${count}`,
        token_type: 'bearer',
        expires_in: 3600,
      });
    default:
      return jsonReply({ ok: true });
  }
}

function parametersOf(query: URLSearchParams, body: string): Record<string, string> {
  const json = body.startsWith('{') ? (JSON.parse(body) as Record<string, string>) : undefined;
  return { ...Object.fromEntries(query), ...(json ?? Object.fromEntries(new URLSearchParams(body))) };
}

function merge(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    const both = isTree(below) && isTree(value);
    merged[key] = both ? merge(below, value) : value;
  }
  return merged;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
