import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { inspect } from './inspect.js';
import { startChromium, type Chromium } from '../world/chromium.js';
import { freePort } from '../world/listen.js';
import { startProcess, type ServerProcess } from '../world/process.js';

/* A second account at each provider of the sandbox, as a person adds it, with script and without. */

let server: ServerProcess;
beforeAll(async () => {
  server = await startProcess({ SANDBOX: 'on', SANDBOX_PORT: String(await freePort()) });
});
afterAll(() => server.stop());

const isOurs = (page: Page) => new URL(page.url()).origin === server.url;
const start = (page: Page, provider: string, what: string) =>
  page.locator(`form[action$="/connect/${provider}"]${what} button`).first().click();
const first = ':not(:has(input[name=as]))';
const another = ':has(input[name=as])';

/** Signs in and allows, as somebody else or for the second company where a page offers that; answers the clicks. */
async function goOn(page: Page, isSecond: boolean): Promise<number> {
  for (let clicks = 1; clicks <= 8; clicks += 1) {
    await page.waitForLoadState();
    const { pathname } = new URL(page.url());
    if (isOurs(page) && !/\/(?:confirm|organization)$/.test(pathname)) return clicks;
    const company = page.locator('input[name=company]').nth(1);
    const person = page.locator('a[href*="person=kari"]');
    const hasCompany = isSecond && (await company.count()) > 0;
    if (hasCompany) await company.check();
    const isOther = isSecond && !hasCompany && (await person.count()) > 0 && !page.url().includes('person=kari');
    await page.locator(':root:not([data-settling])').waitFor();
    await (isOther ? person : page.locator('form button').first()).click();
  }
  throw new Error('never came back');
}

describe.each([
  { script: true, locale: 'en-GB', width: 1280, colorScheme: 'light' as const },
  { script: false, locale: 'nb-NO', width: 390, colorScheme: 'dark' as const },
])('with script: $script, $locale, $width pixels', ({ script, locale, width, colorScheme }) => {
  let chromium: Chromium;
  let page: Page;
  beforeAll(async () => {
    const viewport = { width, height: 900 };
    chromium = await startChromium({ locale, javaScriptEnabled: script, colorScheme, viewport });
    page = await chromium.newPage();
  });
  afterAll(() => chromium.close());

  test.each(['invoiced', 'luca', 'luca-v2', 'request-finance', 'financefeast'])(
    'another account at %s is a few clicks away, and has a page of its own',
    async (provider) => {
      await page.goto(server.url);
      await start(page, provider, first);
      await goOn(page, false);
      await page.goto(server.url);
      await start(page, provider, another);
      expect(await goOn(page, true)).toBeLessThanOrEqual(5);
      const { pathname, searchParams } = new URL(page.url());
      expect(pathname).toBe(`/connections/${searchParams.get('connection') ?? ''}`);
      expect(await page.locator('[data-notice=connected]').count()).toBe(1);
      if (script) await page.waitForSelector('[data-testid=rows] tbody tr');
      else {
        await page.locator('.calls button').first().click();
        expect(await page.locator('[data-testid=rows] tbody tr').count()).toBeGreaterThan(0);
      }
      await page.goto(server.url);
      expect(await page.locator(`#provider-${provider} .card`).count()).toBe(2);
    },
  );

  test('a start that does not say which asks, and the answer leads to that one', async () => {
    await page.goto(`${server.url}/connections/luca`);
    expect(await page.locator('.choices a').count()).toBe(2);
    await page.goto(`${server.url}/connect/luca`);
    const choices = page.locator('.choices form');
    expect(await choices.count()).toBe(2);
    if (script) expect(await inspect(page)).toEqual([]);
    const id = await choices.nth(1).locator('input[name=connection]').getAttribute('value');
    await choices.nth(1).locator('button').click();
    await goOn(page, true);
    expect(new URL(page.url()).searchParams.get('connection')).toBe(id);
  });

  test('one is renamed, and one is disconnected, and the other stays', async () => {
    await page.goto(server.url);
    const card = page.locator('#provider-invoiced .card').first();
    const id = (await card.getAttribute('id')) ?? '';
    await card.locator('a.button').first().click();
    await page.locator('details:has(#label) summary').click();
    await page.fill('#label', 'Fjord & Sønn');
    await page.locator('form[action$="/rename"] button').click();
    expect(await page.textContent('h1')).toContain('Fjord & Sønn');
    if (script) expect(await inspect(page)).toEqual([]);
    await page.goto(server.url);
    if (script) expect(await inspect(page)).toEqual([]);
    expect(await page.textContent(`#${id} h3`)).toBe('Fjord & Sønn');
    await page.locator(`#${id} details.sure summary`).click();
    await page.locator(`#${id} details.sure button`).click();
    await page.waitForSelector('[data-notice=disconnected]');
    expect(await page.locator(`#${id}`).count()).toBe(0);
    expect(await page.locator('#provider-invoiced').getAttribute('data-status')).toBe('connected');
  });
});
