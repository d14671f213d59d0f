import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { freePort } from '../world/listen.js';

/** What this test asks of a file: that the provider behaves as it says. */
interface CatalogueFile {
  grant?: string;
  token?: { default_lifetime?: number | 'never' };
  revocation?: { token?: string; ends?: string };
  api: {
    limits?: { per_minute?: number };
    examples: { method?: string; path: string; body?: string; rows: string }[];
  };
  account?: { source?: string };
}

interface State {
  status: string;
  account: { label: string | null } | null;
  access: { expires_at: string | null; refreshable: boolean } | null;
  variables: Record<string, string> | null;
}

const profiles = readdirSync('src/sandbox/pack/profiles').map((name) => name.replace(/\.yaml$/, ''));
const read = (path: string) => parse(readFileSync(path, 'utf8')) as unknown;
const files = profiles.map((id) => ({
  id,
  file: read(`src/providers/catalog/${id}.yaml`) as CatalogueFile,
  profile: read(`src/sandbox/pack/profiles/${id}.yaml`) as { refresh?: string; ids?: string[] },
}));

/** What a person types on the page before the authorization server. */
const typed: Readonly<Record<string, Record<string, string>>> = { shopify: { shop: 'fjordline' } };

let app: App;
let sandbox: string;
beforeAll(async () => {
  const port = String(await freePort());
  sandbox = `http://127.0.0.1:${port}`;
  app = await startApp({
    SANDBOX: 'on',
    SANDBOX_PORT: port,
    SANDBOX_PROVIDERS: profiles.join(','),
    SESSION_IDLE_SECONDS: '7776000',
    SESSION_MAX_SECONDS: '7776000',
  });
});
afterAll(() => app.close());

const sandboxState = async (id: string) =>
  (
    (await (await fetch(`${sandbox}/control/state`)).json()) as {
      providers: Record<string, { grants: number; calls: Record<string, number> }>;
    }
  ).providers[id]!;

const stateOf = async (browser: Browser, id: string) =>
  JSON.parse((await browser.api.get(`/api/connections/${id}`)).text) as State;

/** A person types the test key that the page shows. */
async function giveKey(browser: Browser, id: string): Promise<URL | undefined> {
  const page = await browser.navigate(`/connect/${id}`, { from: browser.base });
  const [, key = ''] = /<code>(sandbox-[^<]+)<\/code>/.exec(page.text) ?? [];
  return (await browser.submit(page, { values: { key } })).location;
}

/** An example of the file, as its page calls it; the first one if none is named. */
async function callExample(browser: Browser, id: string, { api }: CatalogueFile, [example] = api.examples) {
  const { variables } = await stateOf(browser, id);
  const path = example!.path.replace(/\{(\w+)\}/g, (_, name: string) => variables?.[name] ?? '4711');
  const verb = example!.method === 'POST' ? browser.api.post : browser.api.get;
  const answer = await verb(`/proxy/${id}${path}`, example!.body ? { json: JSON.parse(example!.body) as unknown } : {});
  return { ...answer, rows: () => at(JSON.parse(answer.text), example!.rows) };
}

function at(value: unknown, pointer: string): unknown {
  const segments = pointer.split('/').slice(1);
  return segments.reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], value);
}

describe.each(files)('$id', ({ id, file, profile }) => {
  let browser: Browser;
  beforeAll(() => {
    browser = createBrowser(app.url);
  });

  test('a person connects it and reads its rows', async () => {
    const organization = profile.ids?.[0] ?? '1001200340001';
    const finalUrl =
      file.grant === 'api_key'
        ? await giveKey(browser, id)
        : (await connect(browser, id, { query: typed[id] ?? {}, organization })).finalUrl;
    expect(finalUrl?.searchParams.get('connected')).toBe(id);
    const state = await stateOf(browser, id);
    expect(state.status).toBe('connected');
    if (file.account?.source !== 'none') expect(state.account?.label).toMatch(/\w/);
    for (const example of file.api.examples) {
      const answer = await callExample(browser, id, file, [example]);
      expect([example.path, answer.status, answer.text.slice(0, 200)]).toEqual([example.path, 200, expect.anything()]);
      expect([example.path, (answer.rows() as unknown[]).length > 1]).toEqual([example.path, true]);
    }
  });

  test('the token is renewed when its life is over, if it ends at all', async () => {
    const { access } = await stateOf(browser, id);
    const renews = file.grant !== 'api_key' && profile.refresh !== 'none' && file.token?.default_lifetime !== 'never';
    const before = await sandboxState(id);
    // The sandbox goes by the clock of the server.
    if (access?.expires_at) app.forward(Math.ceil((Date.parse(access.expires_at) - app.now()) / 1000) + 1);
    expect((await callExample(browser, id, file)).status).toBe(200);
    const after = await sandboxState(id);
    expect(after.calls['refresh']! - before.calls['refresh']!).toBe(renews ? 1 : 0);
  });

  test('its set-up page is there in Norwegian, with the redirect URI to register', async () => {
    const answer = await browser.get(`/setup/${id}`, { accept: 'text/html', headers: { 'accept-language': 'nb' } });
    expect(answer.status).toBe(200);
    const items = [...answer.text.matchAll(/<li lang="(\w+)"/g)].map(([, lang]) => lang);
    expect(items.length).toBeGreaterThan(1);
    expect(new Set(items)).toEqual(new Set(['nb']));
    if (file.grant !== 'api_key') expect(answer.text).toContain(`value="${app.url}/connect/${id}/callback"`);
  });

  const limit = file.api.limits?.per_minute;
  if (limit !== undefined)
    test('more calls in a minute than the provider takes are refused here, and never reach it', async () => {
      app.forward(61);
      const before = (await sandboxState(id)).calls['api']!;
      const answers: Awaited<ReturnType<typeof callExample>>[] = [];
      while (answers.length <= limit) {
        const left = Math.min(5, limit + 1 - answers.length);
        answers.push(...(await Promise.all(Array.from({ length: left }, () => callExample(browser, id, file)))));
      }
      const passed = answers.filter(({ status }) => status === 200).length;
      const refused = answers.filter(({ status }) => status === 429);
      expect([passed, refused.length]).toEqual([limit, 1]);
      expect(refused[0]!.headers).toMatchObject({
        'x-gatehouse-error': 'rate_limited',
        'retry-after': expect.anything() as unknown,
      });
      expect((await sandboxState(id)).calls['api']! - before).toBe(limit);
    });

  test('it is disconnected as the file says, and no call goes through after that', async () => {
    const answer = await browser.api.delete(`/api/connections/${id}`);
    const revokes = file.grant !== 'api_key' && file.revocation?.token !== 'off';
    expect(JSON.parse(answer.text)).toMatchObject({ revocation: revokes ? 'revoked' : 'not_supported' });
    if (revokes && file.revocation?.ends !== 'token') expect((await sandboxState(id)).grants).toBe(0);
    expect((await callExample(browser, id, file)).status).toBe(401);
  });
});
