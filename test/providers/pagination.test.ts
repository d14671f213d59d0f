import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { startProviderWorld, type ProviderWorld } from './provider-world.js';

let world: ProviderWorld;
let browser: Browser;
beforeAll(async () => {
  world = await startProviderWorld();
  browser = await world.connected('invoiced');
  await world.connect(browser, 'request-finance');
});
afterEach(() => world.reset());
afterAll(() => world.close());

interface Pages {
  /** The rows' ids, in the order in which they came. */
  ids: unknown[];
  /** Rows of each page. */
  sizes: number[];
  /** The X-Total-Count of each page. */
  totals: Set<number>;
  last: string;
}

/** Follows a relation of the Link header to its end, as a program does that knows nothing else. */
async function follow(from: string, relation: string): Promise<Pages> {
  const pages: Pages = { ids: [], sizes: [], totals: new Set(), last: from };
  for (let next: string | undefined = from; next !== undefined;) {
    pages.last = next;
    const page = await browser.api.get(next);
    expect(page.status).toBe(200);
    const rows = page.json as { id: unknown }[];
    pages.ids.push(...rows.map(({ id }) => id));
    pages.sizes.push(rows.length);
    pages.totals.add(Number(page.headers['x-total-count']));
    next = new RegExp(`<([^>]+)>; rel="${relation}"`).exec(String(page.headers['link']))?.[1];
    if (next !== undefined) expect(next.startsWith(`${world.app.url}/proxy/invoiced/`)).toBe(true);
  }
  return pages;
}

test.each([
  ['/proxy/invoiced/invoices?per_page=1'],
  ['/proxy/invoiced/invoices?per_page=7&sort=date'],
  ['/proxy/invoiced/invoices?per_page=100'],
  ['/proxy/invoiced/invoices'],
  ['/proxy/invoiced/invoices?filter[status]=paid&filter%5Bpaid%5D=1&per_page=3'],
  ['/proxy/invoiced/customers?per_page=2'],
])('rel=next leads through every row of %s exactly once', async (address) => {
  const { ids, sizes, totals, last } = await follow(address, 'next');
  expect(ids.length).toBeGreaterThan(0);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...totals]).toEqual([ids.length]);
  const perPage = Number(/per_page=(\d+)/.exec(address)?.[1] ?? 25);
  expect(sizes).toEqual(sizes.map((_, at) => Math.min(perPage, ids.length - at * perPage)));
  const back = await follow(last, 'previous');
  expect(back.sizes).toEqual(sizes.toReversed());
  expect(new Set(back.ids)).toEqual(new Set(ids));
});

test('whatever the size of a page, the rows and their order are the same', async () => {
  const [one, some, all] = await Promise.all(
    [1, 6, 100].map((size) => follow(`/proxy/invoiced/invoices?per_page=${size}`, 'next')),
  );
  expect(some?.ids).toEqual(one?.ids);
  expect(all?.ids).toEqual(one?.ids);
});

test.each([1, 4, 25, 100])('Request Finance: pages of %i bring every row exactly once', async (take) => {
  const ids: string[] = [];
  let total = Number.POSITIVE_INFINITY;
  for (let skip = 0; ids.length < total; skip += 1) {
    const page = await browser.api.get(`/proxy/request-finance/invoices?format=paginated&take=${take}&skip=${skip}`);
    expect(page.status).toBe(200);
    const { results, total: stated } = page.json as { results: { id: string }[]; total: number };
    expect(results.length).toBe(Math.min(take, stated - ids.length));
    ids.push(...results.map(({ id }) => id));
    total = stated;
  }
  expect(ids.length).toBeGreaterThan(4);
  expect(new Set(ids).size).toBe(total);
  const beyond = await browser.api.get(`/proxy/request-finance/invoices?take=${take}&skip=${total}`);
  expect(beyond.json).toEqual([]);
});
