import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { startChromium, type Chromium, type ChromiumOptions } from '../world/chromium.js';
import { listen } from '../world/listen.js';
import { startWorld, type World } from '../world/world.js';

/** Events of the buttons on a page: type, and the error's code or what became of the connection. */
export type Told = [type: string, what: string | undefined];

export interface EmbeddingWorld {
  world: World;
  chromium: Chromium;
  /** PUBLIC_URL; it has a path. The front end's pages are on the same origin, below /app/. */
  gate: string;
  /** Origins of other front ends: one of ALLOWED_ORIGINS, one that nobody allowed. */
  allowed: string;
  stranger: string;
  /** Header of the provider's page. */
  person: { openerPolicy: string | undefined };
  /** Opens a page with this body on an origin: our own unless told. */
  open(body?: string, options?: { origin?: string; query?: string; script?: string; page?: Page }): Promise<Page>;
  /** Serves a file at this path of every front end, under a policy of its own. */
  serve(path: string, type: 'html' | 'script', body: string, policy?: string): void;
  /** What the page's policy forbade, and its errors. */
  complaints: string[];
  close(): Promise<void>;
}

const html = { 'content-type': 'text/html; charset=utf-8' };
const script = { 'content-type': 'text/javascript' };

/** Where the person decides: a page of the provider with a link to allow and a link to refuse. */
async function startPerson(person: EmbeddingWorld['person'], authorize: () => string) {
  return listen((req, res) => {
    const { search, searchParams } = new URL(req.url ?? '', 'http://person.test');
    const refused = new URL(searchParams.get('redirect_uri') ?? 'http://person.test/');
    refused.searchParams.set('error', 'access_denied');
    refused.searchParams.set('state', searchParams.get('state') ?? '');
    const policy = person.openerPolicy === undefined ? {} : { 'cross-origin-opener-policy': person.openerPolicy };
    const escaped = (text: string) => text.replaceAll('&', '&amp;');
    const links = `<a id="allow" href="${escaped(authorize() + search)}">Allow</a> <a id="refuse" href="${escaped(refused.href)}">Refuse</a>`;
    res.writeHead(200, { ...html, ...policy }).end(`<!doctype html><title>Provider</title>${links}`);
  });
}

/** Passes everything on to Gatehouse, as the reverse proxy before a front end and Gatehouse does. */
function passOn(port: number, req: IncomingMessage, res: ServerResponse): void {
  const { method, url, headers } = req;
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  onward.on('error', () => res.destroy());
  req.pipe(onward);
}

/** Gatehouse below a path of the front end's origin, a provider with a person to ask, and a browser. `keys`: of its file. */
export async function startEmbeddingWorld(
  options: ChromiumOptions = {},
  keys: Record<string, unknown> = {},
): Promise<EmbeddingWorld> {
  const person: EmbeddingWorld['person'] = { openerPolicy: undefined };
  const complaints: string[] = [];
  const pages = new Map<string, { type: Record<string, string>; body: string; policy?: string }>();
  const running: { world?: World } = {};
  let gate = '';
  const serve = (req: IncomingMessage, res: ServerResponse) => {
    const found = pages.get(new URL(req.url ?? '', 'http://x.test').pathname);
    if (found) {
      const { origin } = new URL(gate);
      const strict = `default-src 'none'; script-src 'self' ${origin}; connect-src ${origin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`;
      res.writeHead(200, { ...found.type, 'content-security-policy': found.policy ?? strict }).end(found.body);
    } else if (running.world && !req.url?.startsWith('/app/')) passOn(running.world.app.port, req, res);
    else res.writeHead(404, html).end('<!doctype html><title>Nothing</title>Nothing here');
  };
  const fronts = await Promise.all([listen(serve), listen(serve), listen(serve)]);
  const [own = '', allowed = '', stranger = ''] = fronts.map(({ port }) => `http://localhost:${port}`);
  gate = `${own}/gate`;
  const provider = await startPerson(person, () => `${running.world?.server.base ?? ''}/authorize`);
  const world = await startWorld({
    env: { PUBLIC_URL: gate, ALLOWED_ORIGINS: allowed },
    provider: {
      more: {
        endpoints: { authorization: `${provider.origin}/authorize` },
        authorization: { caller_parameters: { company: '\\d{9}' }, reconsent: { prompt: 'consent' } },
        ...keys,
      },
    },
  });
  const chromium = await startChromium({ locale: 'en-GB', ...options });
  chromium.context.setDefaultTimeout(8_000);
  chromium.context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text());
  });
  chromium.context.on('weberror', (error) => complaints.push(String(error.error())));

  running.world = world;
  const pageScript = `import * as gatehouse from '${gate}/gatehouse.js';
globalThis.gatehouse = gatehouse;
globalThis.told = [];
const waiting = [];
for (const type of ['connected', 'refused', 'closed', 'blocked', 'disconnected', 'failed'])
  document.addEventListener(type, ({ detail }) => {
    told.push([type, detail?.code ?? detail?.status ?? detail?.revocation]);
    for (const look of waiting) look();
  });
globalThis.nextTold = (type) => new Promise((resolve) => {
  const look = () => told.some(([each]) => each === type) && resolve(told.findLast(([each]) => each === type));
  waiting.push(look);
  look();
});
`;
  let count = 0;
  return {
    world,
    chromium,
    gate,
    allowed,
    stranger,
    person,
    complaints,
    serve(path, type, body, policy) {
      pages.set(path, { type: type === 'html' ? html : script, body, ...(policy === undefined ? {} : { policy }) });
    },
    async open(body = '', { origin = own, query = '', script: more = '', page } = {}) {
      const name = `/app/page-${++count}`;
      const document = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Front end</title></head><body><main><h1>Front end</h1>${body}</main><script type="module" src="${name}.js"></script></body></html>`;
      pages.set(name, { type: html, body: document });
      pages.set(`${name}.js`, { type: script, body: pageScript + more });
      const tab = page ?? (await chromium.newPage());
      await tab.goto(`${origin}${name}${query}`);
      return tab;
    },
    async close() {
      await chromium.close();
      await world.close();
      await Promise.all([...fronts, provider].map((each) => each.close()));
    },
  };
}

/** The events that the page has seen so far. */
export function told(page: Page): Promise<Told[]> {
  return page.evaluate('told');
}

/** Waits until the page has seen an event of this type; answers its last one. What comes instead is in the failure. */
export async function nextTold(page: Page, type: string): Promise<Told> {
  const seen = new AbortController();
  const late = delay(30_000, undefined, { signal: seen.signal }).then(async () => {
    const windows = page
      .context()
      .pages()
      .map((each) => each.url().replace(/\?.*$/, ''));
    throw new Error(`no ${type} was told, but ${JSON.stringify(await told(page))}; open: ${windows.join(' ')}`);
  });
  try {
    return await Promise.race([page.evaluate<Told>(`nextTold('${type}')`), late]);
  } finally {
    seen.abort();
    late.catch(() => undefined);
  }
}

/** Presses the button and answers the window that opens. */
export async function popupOf(page: Page): Promise<Page> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('connect-button').first().click()]);
  await popup.locator('#allow').waitFor();
  return popup;
}

/** What of the session the page sees of `acme`. */
export function statusOf(page: Page): Promise<string> {
  return page.evaluate('gatehouse.session().then(({ connections: [acme] }) => acme.status)');
}
