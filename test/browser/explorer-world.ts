import type { Page } from 'playwright-core';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { startChromium, type Chromium } from '../world/chromium.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { jsonReply } from '../world/reply.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

export interface ExplorerWorld {
  app: App;
  server: MisbehavingServer;
  upstream: Upstream;
  chromium: Chromium;
  /** Presses Connect on the start page; ends on the page of the connection. */
  connect(page: Page, provider?: string): Promise<void>;
  close(): Promise<void>;
}

export const invoices = [
  { id: 'i-1', number: 'A-1', customer: 'Jo & Co', total: 12_345, date: 1_893_456_000 },
  { id: 'i-2', number: 'A-2', customer: '<b>Vik</b>', total: 500, date: 1_893_542_400 },
];

const examples = [
  {
    name: { en: 'Invoices', nb: 'Fakturaer' },
    path: '/invoices?take=2',
    rows: '/items',
    columns: [
      { path: '/number', title: { en: 'Number', nb: 'Nummer' } },
      { path: '/customer', title: { en: 'Customer', nb: 'Kunde' } },
      { path: '/total', title: { en: 'Total', nb: 'Sum' }, format: 'minor_units' },
      { path: '/date', title: { en: 'Date', nb: 'Dato' }, format: 'date' },
    ],
  },
  { name: 'Many', path: '/many' },
  { name: 'Statement', path: '/statement' },
  { name: 'Counted', path: '/counted?take=2', rows: '', next: { parameter: 'page', first: 1, size: 'take' } },
  {
    name: 'Newest',
    path: '/files/{id}',
    accept: 'application/pdf',
    look_up: { id: { path: '/newest?take=1', value: '/items/0/id' } },
  },
];
const graphql = [
  { name: 'Companies', method: 'POST', path: '/graphql', body: '{"query":"{ companies { id } }"}' },
  {
    ...{ name: 'Bills', method: 'POST', path: '/bills', rows: '/data/bills/nodes' },
    body: '{"query":"query ($after: String) { bills(after: $after) { nodes { id } } }"}',
    next: { variable: 'after', page_info: '/data/bills/pageInfo' },
  },
];

/** A list of three in pages of two: by a Link header, by counting, and by a cursor. */
export function answerInPages(upstream: Upstream): void {
  const page = ({ url }: { url: string }) => Number(new URL(url, upstream.origin).searchParams.get('page') ?? 1);
  const rows = (number: number) => (number === 1 ? [{ number: 'P-1' }, { number: 'P-2' }] : [{ number: 'P-3' }]);
  upstream.answer(/^\/many/, (request) => {
    const link = `<${upstream.origin}/many?page=2&x=%2F>; rel="next", <${upstream.origin}/many>; rel=first`;
    const headers = { 'x-total-count': '3', ...(page(request) === 1 ? { link } : {}) };
    return { ...jsonReply(rows(page(request))), headers: { 'content-type': 'application/json', ...headers } };
  });
  upstream.answer(/^\/counted/, (request) => jsonReply(rows(page(request))));
  upstream.answer('/bills', ({ body }) => {
    const { variables } = JSON.parse(body.toString()) as { variables?: { after?: string } };
    const isFirst = variables?.after === undefined;
    const nodes = isFirst ? rows(1) : rows(2);
    return jsonReply({ data: { bills: { nodes, pageInfo: { hasNextPage: isFirst, endCursor: 'c/2=' } } } });
  });
}

/** The server with a REST and a GraphQL provider, an authorization server that asks nothing, and a real browser. */
export async function startExplorerWorld(
  javaScriptEnabled = true,
  further: Readonly<Record<string, { api: object }>> = {},
): Promise<ExplorerWorld> {
  const clock = { now: Date.now };
  const [server, upstream, chromium, { PORT = '' }] = await Promise.all([
    startMisbehaving({ now: () => clock.now() }),
    startUpstream(),
    startChromium({ locale: 'en-GB', javaScriptEnabled }),
    testEnvironment(),
  ]);
  const file = (id: string, api: object) =>
    server.providerFile({ id, more: { api: { base_url: upstream.origin, ...api } } });
  const others = Object.entries(further).map(([id, { api }]) => [id, file(id, api)] as const);
  const directory = await createProvidersDirectory({
    ...Object.fromEntries(others),
    acme: file('acme', { examples, forward_request_headers: ['idempotency-key'] }),
    books: file('books', { examples: graphql, style: 'graphql' }),
  });
  upstream.answer(/^\/invoices/, jsonReply({ items: invoices }));
  upstream.answer('/graphql', jsonReply({ data: { companies: [{ id: 'c-1', name: 'Acme' }] } }));
  const clients = Object.assign(
    {},
    ...['acme', 'books', ...Object.keys(further)].map((id) => server.environment(id)),
  ) as Record<string, string>;
  const app = await startApp({ PORT, PROVIDERS_DIR: directory.path, ...clients });
  clock.now = app.now;
  return {
    ...{ app, server, upstream, chromium },
    async connect(page, provider = 'acme') {
      await page.goto(app.url);
      await page.locator(`form[action$="/connect/${provider}"] button`).first().click();
      await page.waitForURL(`**/connections/${provider}?connected=${provider}*`);
    },
    close: async () => {
      await chromium.close();
      await app.close();
      await Promise.all([server.close(), upstream.close(), directory.remove()]);
    },
  };
}
