import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { jsonReply } from '../world/reply.js';
import { answerInPages, startExplorerWorld, type ExplorerWorld } from './explorer-world.js';

let world: ExplorerWorld;
let page: Page;

beforeAll(async () => {
  world = await startExplorerWorld(false);
  page = await world.chromium.newPage();
  await world.connect(page);
});
afterAll(() => world.close());

const text = (selector: string) => page.locator(selector).innerText();

test('without script the page says what needs one, and each example shows its rows', async () => {
  expect(await page.locator('.own').isVisible()).toBe(false);
  expect(await text('.explorer')).toContain('Without JavaScript the buttons show the beginning of the response');
  await page.locator('.call', { hasText: 'Invoices' }).click();
  expect(await page.locator('[data-testid=rows] th').allInnerTexts()).toEqual(['Number', 'Customer', 'Total', 'Date']);
  expect(await page.locator('[data-testid=rows] tbody tr').allInnerTexts()).toEqual([
    'A-1\tJo & Co\t123.45\t2030-01-01',
    'A-2\t<b>Vik</b>\t5.00\t2030-01-02',
  ]);
  expect(await text('.server-answer .measures > div:last-of-type dd')).toBe('2 rows on this page');
  expect(await page.locator('.call', { hasText: 'Invoices' }).getAttribute('aria-pressed')).toBe('true');
});

test("without script a provider's error and one of this server are told apart, too", async () => {
  world.upstream.answer('/many', jsonReply({ message: 'no such thing' }, 404));
  await page.locator('.call', { hasText: 'Many' }).click();
  expect(await text('.server-answer')).toContain('The provider responded with an error');
  expect(await text('.server-answer pre')).toContain('no such thing');
  const limited = { 'content-type': 'application/json', 'retry-after': '90' };
  world.upstream.answer('/many', { status: 429, headers: limited, body: '{}' });
  await page.locator('.call', { hasText: 'Many' }).click();
  expect(await text('.server-answer')).toMatch(/no more calls for now\. Try again in 1 minute/);
  world.upstream.answer('/many', { instead: 'cut' });
  await page.locator('.call', { hasText: 'Many' }).click();
  expect(await text('.server-answer')).toContain(
    'This server, not the provider, refused the call. upstream_unreachable',
  );
});

test('without script the next page is one press away, too', async () => {
  answerInPages(world.upstream);
  const shown = async () => [
    await page.locator('[data-testid=rows] tbody tr').allInnerTexts(),
    await text('.server-answer .measures > div:last-of-type dd'),
  ];
  for (const [name, first, last] of [
    ['Many', '1–2 of 3 rows', '3–3 of 3 rows'],
    ['Counted', '1–2, more follow', '3–3, the last ones'],
  ] as const) {
    await page.locator('.call', { hasText: name }).click();
    expect(await shown()).toEqual([['P-1', 'P-2'], first]);
    await page.locator('.server-answer form button').click();
    expect(await shown()).toEqual([['P-3'], last]);
    expect(await page.locator('.server-answer form').count()).toBe(0);
  }
  expect(world.upstream.requests.some(({ url }) => url === '/many?page=2&x=%2F')).toBe(true);
  await world.connect(page, 'books');
  await page.locator('.call', { hasText: 'Bills' }).click();
  await page.locator('.server-answer form button').click();
  expect(await shown()).toEqual([['P-3'], '3–3, the last ones']);
  await page.goto(`${world.app.url}/connections/acme`);
});

test('without script a file is named, and a look-up that finds nothing is said', async () => {
  world.upstream.answer(/^\/newest/, jsonReply({ items: [{ id: 7 }] }));
  world.upstream.answer('/files/7', {
    headers: { 'content-type': 'application/pdf' },
    body: Buffer.from([37, 0, 255]),
  });
  await page.locator('.call', { hasText: 'Newest' }).click();
  expect(world.upstream.last.headers.accept).toBe('application/pdf');
  expect(await text('.server-answer')).toContain('The response is a file (application/pdf,');
  world.upstream.answer(/^\/newest/, jsonReply({ items: [] }));
  await page.locator('.call', { hasText: 'Newest' }).click();
  expect(await text('.server-answer')).toContain('There is nothing to open: /newest?take=1 returned nothing.');
});

test('without script the call is made with the renewed token when the API refuses the old one', async () => {
  world.upstream.answer('/many', jsonReply({ error: 'invalid_token' }, 401), { times: 1 });
  world.upstream.answer('/many', jsonReply([{ number: 'A-1' }]));
  world.upstream.answer('/many', jsonReply({ error: 'invalid_token' }, 401), { times: 1 });
  const before = world.server.tokenCallsOf('refresh_token');
  await page.locator('.call', { hasText: 'Many' }).click();
  expect(await page.locator('[data-testid=rows] tbody tr').allInnerTexts()).toEqual(['A-1']);
  expect(world.server.tokenCallsOf('refresh_token')).toBe(before + 1);
});

test('without script the page after a call that is refused in vain says so, and has the button to connect again', async () => {
  await world.connect(page);
  world.upstream.answer('/many', jsonReply({ error: 'invalid_token' }, 401));
  for (let call = 0; call < 2 && (await page.locator('.call').count()) > 0; call += 1)
    await page.locator('.call', { hasText: 'Many' }).click();
  expect(await page.locator('.page-head .status').getAttribute('data-status')).toBe('reauth_required');
  expect(await page.locator('[data-notice=connected]').count()).toBe(0);
  expect(await text('.server-answer pre')).toContain('invalid_token');
  world.upstream.answer('/many', jsonReply([{ number: 'A-1' }]));
  await page.locator('main button', { hasText: 'Reconnect' }).click();
  await page.waitForURL('**/connections/acme?connected=acme*');
  expect(await page.locator('.page-head .status').getAttribute('data-status')).toBe('connected');
});

test('another site cannot have an example call made: the form carries a token', async () => {
  const before = world.upstream.requests.length;
  const answer = await page.request.post(`${world.app.url}/connections/acme/example`, { form: { example: '0' } });
  expect([answer.status(), ((await answer.json()) as { code: string }).code]).toEqual([403, 'csrf_required']);
  expect(world.upstream.requests).toHaveLength(before);
});

test('without script a person is asked before disconnecting and before logging out', async () => {
  await page.goto(world.app.url);
  await page.locator('#provider-acme details.sure > summary').click();
  await page.locator('#provider-acme details.sure form button').click();
  expect(await page.locator('[data-notice=disconnected]').isVisible()).toBe(true);
  await page.locator('.logout details > summary').click();
  await page.locator('.logout form button').click();
  await page.waitForURL(({ pathname }) => pathname === '/');
  expect(await page.locator('.logout').count()).toBe(0);
  expect(await text('[data-notice=logged_out]')).toContain('You are logged out');
  await page.reload();
  expect(await page.locator('[data-notice]').count()).toBe(0);
});
