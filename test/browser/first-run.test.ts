import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { inspect } from './inspect.js';
import { startChromium, type Chromium } from '../world/chromium.js';
import { freePort } from '../world/listen.js';
import { startProcess, type ServerProcess } from '../world/process.js';

let server: ServerProcess;
let sandbox: string;
let chromium: Chromium;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  const port = String(await freePort());
  sandbox = `http://127.0.0.1:${port}`;
  server = await startProcess({ SANDBOX: 'on', SANDBOX_PORT: port });
  chromium = await startChromium({ locale: 'en-GB' });
  page = await chromium.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
});
afterAll(async () => {
  await chromium.close();
  await server.stop();
});

/** Presses the first button of each page, as a newcomer would, until the browser is back home. Answers the clicks. */
async function pressOn(provider: string): Promise<number> {
  await page.goto(server.url);
  await page.locator(`form[action$="/connect/${provider}"] button`).first().click();
  for (let clicks = 1; clicks <= 6; clicks += 1) {
    await page.waitForLoadState();
    const url = new URL(page.url());
    if (url.origin === server.url && !/\/(?:confirm|organization)$/.test(url.pathname)) return clicks;
    await page.locator('form button').first().click();
  }
  throw new Error(`never came back from ${provider}`);
}

test.each(['request-finance', 'invoiced', 'luca', 'financefeast'])(
  '%s: from the Connect button to rows in at most four clicks',
  async (id) => {
    expect(await pressOn(id)).toBeLessThanOrEqual(4);
    expect(new URL(page.url()).searchParams.get('connected')).toBe(id);
    await page.waitForSelector('[data-testid=rows] tbody tr');
    expect(await page.locator('[data-testid=rows] tbody tr').count()).toBeGreaterThan(3);
    await page.goto(server.url);
    expect(await page.locator(`form[action$="/connections/${id}/disconnect"]`).count()).toBe(1);
  },
);

test('a page that asks for a decision ignores a click in its first half second, and takes a later one', async () => {
  const tab = await page.context().newPage();
  const early = "document.querySelector('button[value=confirm]')?.click()";
  await tab.addInitScript(`document.addEventListener('DOMContentLoaded', () => ${early})`);
  await tab.goto(server.url);
  await tab.locator('form[action$="/connect/luca"] button').first().click();
  for (let clicks = 0; clicks < 3 && new URL(tab.url()).origin !== server.url; clicks += 1) {
    await tab.locator('form button').first().click();
    await tab.waitForLoadState();
  }
  await tab.locator(':root:not([data-settling])').waitFor();
  expect(new URL(tab.url()).pathname).toBe('/connect/luca/confirm');
  await tab.locator('button[value=confirm]').click();
  await tab.waitForURL(({ searchParams }) => searchParams.get('connected') === 'luca');
  await tab.close();
});

test("the sandbox's own pages meet WCAG 2.2 AA, fit a phone, answer a switch, and lead back", async () => {
  const seen: [string, string[]][] = [];
  const look = async (name: string) => seen.push([name, await inspect(page)]);
  await page.context().clearCookies();
  await page.goto(server.url);
  await page.locator('form[action$="/connect/invoiced"] button').first().click();
  await page.waitForLoadState();
  await look('sign-in');
  await page.locator('form button').first().click();
  await page.waitForLoadState();
  await look('consent');
  await page.goto(`${sandbox}/control#invoiced`);
  await page.locator('details#invoiced > summary').click();
  await page.locator('#invoiced-dead_grant').check();
  await page.locator('details#invoiced form button').first().click();
  await page.waitForLoadState();
  await look('control');
  expect(await page.locator('[role=status]').innerText()).toContain('The switches of invoiced are set.');
  expect(await page.locator('details#invoiced[open] > summary').innerText()).toContain('1 switched');
  await page.locator('form[action="/control/reset"] button').click();
  await page.waitForLoadState();
  expect(await page.locator('[role=status]').innerText()).toContain('as at the start');
  await page.getByText('Back to your connections').click();
  await page.waitForURL(({ pathname }) => pathname === '/');
  expect(seen).toEqual(seen.map(([name]) => [name, []]));
});

test("no page, the sandbox's included, had anything blocked by its own policy, and no script saw a cookie", async () => {
  await page.goto(server.url);
  expect(complaints).toEqual([]);
  expect(await page.evaluate('document.cookie')).toBe('');
});
