import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startChromium, type Chromium } from '../world/chromium.js';
import { freePort } from '../world/listen.js';
import { startProcess, type ServerProcess } from '../world/process.js';

let server: ServerProcess;
let chromium: Chromium;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  server = await startProcess({ SANDBOX: 'on', SANDBOX_PORT: String(await freePort()) });
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
    if (url.origin === server.url && !url.pathname.endsWith('/confirm')) return clicks;
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

test('no page of ours had anything blocked by its own policy, and no script saw a cookie', async () => {
  await page.goto(server.url);
  expect(complaints.filter((text) => text.includes(server.url))).toEqual([]);
  expect(await page.evaluate('document.cookie')).toBe('');
});
