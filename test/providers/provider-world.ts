import { freePort } from '../world/listen.js';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect, type Journey, type JourneyOptions } from '../world/journey.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import type { Answer } from '../world/answer.js';
import { send } from '../world/transport.js';

export interface ConnectionJson {
  provider: string;
  environment: string | null;
  status: string;
  account: { subject: string | null; label: string | null } | null;
  scopes: { granted: string[]; missing: string[] } | null;
  access: { expires_at: string; expires_in: number; source: string; refreshable: boolean } | null;
  organization: { id: string | null; name: string | null; required: boolean } | null;
  last_refresh: { result: string } | null;
  links: { connect: string | null };
}

export interface SandboxClient {
  client_id: string;
  client_secret: string;
}

/** The server with the four providers' emulators behind it, and the emulators' strings. */
export interface ProviderWorld {
  app: App;
  sandboxUrl: string;
  newBrowser(): Browser;
  /** A new browser in which the provider is connected. */
  connected(provider: string, options?: JourneyOptions): Promise<Browser>;
  connect(browser: Browser, provider: string, options?: JourneyOptions): Promise<Journey>;
  /** What the address says after the journey: `connected=…` or `connect_error=…`. */
  outcome(journey: Journey): string;
  state(browser: Browser, provider: string): Promise<ConnectionJson>;
  faults(provider: string, faults: Record<string, unknown>): Promise<void>;
  /** Switches, counts, sign-ins and consents as at the start. */
  reset(): Promise<void>;
  /** Calls of an emulator so far, by endpoint. */
  calls(provider: string): Promise<Record<string, number>>;
  /** Ends every grant at the provider. */
  revoke(provider: string): Promise<void>;
  addClient(wish: Record<string, string>): Promise<SandboxClient>;
  /** The events of this name in the log. */
  logged(event: string): Record<string, unknown>[];
  close(): Promise<void>;
}

export interface ProviderWorldOptions {
  env?: Record<string, string>;
  /** Provider files by id; `SANDBOX` in a text stands for the sandbox's address. */
  files?: Record<string, string>;
}

export async function startProviderWorld({ env = {}, files }: ProviderWorldOptions = {}): Promise<ProviderWorld> {
  const port = await freePort();
  const sandboxUrl = `http://127.0.0.1:${port}`;
  const texts = Object.entries(files ?? {}).map(([id, text]) => [id, text.replaceAll('SANDBOX', sandboxUrl)]);
  const directory = files ? await createProvidersDirectory(Object.fromEntries(texts) as Record<string, string>) : null;
  const folder = directory ? { PROVIDERS_DIR: directory.path } : {};
  const app = await startApp({ SANDBOX: 'on', SANDBOX_PORT: String(port), ...folder, ...env });

  const control = async (path: string, json?: unknown): Promise<Answer> => {
    const url = new URL(`/control/${path}`, sandboxUrl);
    const answer =
      json === undefined
        ? await send({ method: 'GET', url, headers: {} })
        : await send({
            method: 'POST',
            url,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(json),
          });
    if (answer.status > 299) throw new Error(`the sandbox refused ${path}: ${answer.text}`);
    return answer;
  };
  const newBrowser = () => createBrowser(app.url);
  return {
    app,
    sandboxUrl,
    newBrowser,
    connect,
    connected: async (provider, options) => {
      const browser = newBrowser();
      const journey = await connect(browser, provider, options);
      if (journey.finalUrl.searchParams.get('connected') !== provider)
        throw new Error(`not connected: ${journey.finalUrl.search} ${journey.final.text.slice(0, 200)}`);
      return browser;
    },
    outcome: ({ finalUrl: { searchParams: query } }) =>
      query.get('connect_error') ?? `connected=${query.get('connected') ?? ''}`,
    state: async (browser, provider) =>
      JSON.parse((await browser.api.get(`/api/connections/${provider}`)).text) as ConnectionJson,
    faults: async (provider, faults) => {
      await control('faults', { provider, ...faults });
    },
    reset: async () => {
      await control('reset', {});
    },
    calls: async (provider) =>
      (JSON.parse((await control('calls')).text) as Record<string, Record<string, number>>)[provider] ?? {},
    revoke: async (provider) => {
      await control('revoke', { provider });
    },
    addClient: async (wish) => JSON.parse((await control('clients', wish)).text) as SandboxClient,
    logged: (event) =>
      app.lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line['event'] === event || line['msg'] === event),
    close: async () => {
      await app.close();
      await directory?.remove();
    },
  };
}

/** Status and whose words they are: the provider's, or the code of our own error. */
export function spoken({ status, headers }: Answer): [number, string] {
  return [status, String(headers['x-gatehouse-error'] ?? 'provider')];
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}
