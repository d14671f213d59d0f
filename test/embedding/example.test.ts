import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startChromium, type Chromium } from '../world/chromium.js';
import { freePort } from '../world/listen.js';
import { testEnvironment } from '../world/app.js';
import { send } from '../world/transport.js';

const start = fileURLToPath(new URL('../../examples/plain/start.js', import.meta.url));

let child: ReturnType<typeof spawn>;
let chromium: Chromium;
let application: string;
const complaints: string[] = [];

beforeAll(async () => {
  const env = await testEnvironment({
    SANDBOX: 'on',
    SANDBOX_PORT: String(await freePort()),
    EXAMPLE_PORT: String(await freePort()),
    LOG_LEVEL: 'info',
  });
  application = `http://localhost:${env['EXAMPLE_PORT']}`;
  const { PATH = '', HOME = '' } = process.env;
  child = spawn(process.execPath, [start], { env: { PATH, HOME, ...env }, stdio: 'ignore' });
  const ready = new URL(`http://127.0.0.1:${env['PORT']}/readyz`);
  while ((await send({ method: 'GET', url: ready, headers: {} }).catch(() => undefined))?.status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 50));
  chromium = await startChromium({ locale: 'en-GB' });
  chromium.context.on('console', (message) => {
    if (message.type() === 'error' && message.location().url.startsWith(application)) complaints.push(message.text());
  });
});
afterAll(async () => {
  await chromium.close();
  child.kill('SIGTERM');
  await once(child, 'exit');
});

/** Presses the button, and in the window the first one of each page until it closes. */
async function pressOn(page: Page, button: string): Promise<void> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator(button).click()]);
  while (!popup.isClosed()) {
    await popup
      .locator('form button')
      .first()
      .click()
      .catch(() => undefined);
    await popup.waitForLoadState().catch(() => undefined);
  }
}

test('the example shows invoices after its button was pressed, and none after it was pressed again', async () => {
  const page = await chromium.newPage();
  await page.goto(application);
  const button = page.locator('connect-button').first();
  await pressOn(page, 'connect-button[provider=invoiced]:not([add])');
  await page.locator('table tbody tr').nth(3).waitFor();
  expect(await page.locator('table tbody tr').first().innerText()).toMatch(/\S+\s+\S+.*\d/);
  await button.click();
  await page.locator('table').waitFor({ state: 'hidden' });
  expect(complaints).toEqual([]);
});

test('the example shows the invoices of the company that is chosen of two, and disconnects that one', async () => {
  const page = await chromium.newPage();
  await page.goto(application);
  await pressOn(page, 'connect-button[provider=invoiced]:not([add])');
  const [second] = await Promise.all([page.waitForEvent('popup'), page.locator('connect-button[add]').click()]);
  await second.locator('input[name=company]').nth(1).check();
  await Promise.all([second.waitForEvent('close'), second.locator('form button').first().click()]);
  const select = page.locator('#company select');
  await select.waitFor();
  await page.locator('table tbody tr').nth(3).waitFor();
  const total = page.locator('table tbody tr:first-child td:last-child');
  const first = await total.innerText();
  await select.selectOption({ index: 1 });
  await total.filter({ hasNotText: first }).waitFor();
  await page.locator('connect-button[connection][state=done]').click();
  await select.waitFor({ state: 'hidden' });
  await total.filter({ hasText: first }).waitFor();
  await page.locator('connect-button[provider=invoiced]:not([add])').click();
  await page.locator('table').waitFor({ state: 'hidden' });
  expect(complaints).toEqual([]);
});

test("the example's other button goes to the provider and comes back", async () => {
  const page = await chromium.newPage();
  await page.goto(application);
  await page.locator('connect-button').nth(1).click();
  await page.waitForURL((url) => url.origin !== application);
  while (new URL(page.url()).origin !== application) {
    await page.locator('form button').first().click();
    await page.waitForLoadState();
  }
  await page.locator('connect-button[provider=request-finance][status=connected]').waitFor();
});
