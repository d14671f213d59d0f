import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { nextTold, popupOf, startEmbeddingWorld, statusOf, told, type EmbeddingWorld } from './world.js';
import { withoutId } from '../world/without-id.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let it: EmbeddingWorld;
beforeAll(async () => {
  // As with a person: a window that no click asked for is blocked.
  it = await startEmbeddingWorld({ ignoreDefaultArgs: ['--disable-popup-blocking'] });
});
afterAll(() => it.close());
beforeEach(async () => {
  await it.chromium.context.clearCookies();
  it.complaints.length = 0;
});

/** What a person sees and hears of the button. */
async function seen(page: Page) {
  const host = page.locator('connect-button').first();
  const button = host.getByRole('button');
  return {
    // The accessible name, slots included.
    name: /button "?([^"\n]*?)"?(?: \[|$|\n)/.exec(await host.ariaSnapshot())?.[1],
    status: await host.getAttribute('status'),
    state: await host.getAttribute('state'),
    disabled: (await button.getAttribute('aria-disabled')) === 'true',
  };
}

/** Connects by redirect, from the button on the page and back. */
async function connectByRedirect(page: Page): Promise<void> {
  await page.locator('connect-button').first().click();
  await page.click('#allow');
  await page.waitForURL(/connected=acme/);
}

test('connects by redirect, comes back to its page, says so once, and forbids nothing under a strict policy', async () => {
  const page = await it.open('<connect-button provider="acme"></connect-button>', { query: '?tab=2#books' });
  await page.locator('connect-button[status=not_connected]').waitFor();
  expect(await seen(page)).toEqual({
    name: 'Connect Acme Books',
    status: 'not_connected',
    state: 'ready',
    disabled: false,
  });
  await connectByRedirect(page);
  expect(await nextTold(page, 'connected')).toEqual(['connected', 'connected']);
  expect(withoutId(page.url())).toMatch(/\?tab=2&connected=acme#books$/);
  expect(await seen(page)).toEqual({
    name: 'Connected to Acme Books',
    status: 'connected',
    state: 'done',
    disabled: true,
  });
  await page.reload();
  await page.locator('connect-button[status=connected]').waitFor();
  expect(await page.evaluate('new Promise((done) => setTimeout(() => done(told)))')).toHaveLength(1);
  expect(it.complaints).toEqual([]);
});

test('a refusal by redirect is told by the button that was pressed', async () => {
  const page = await it.open(
    '<connect-button provider="acme"></connect-button><connect-button provider="other"></connect-button>',
  );
  await page.locator('connect-button').first().click();
  await page.click('#refuse');
  await page.waitForURL(/connect_error=access_denied/);
  expect(await nextTold(page, 'refused')).toEqual(['refused', 'access_denied']);
  expect(await told(page)).toHaveLength(1);
  expect(await page.evaluate('gatehouse.outcome()')).toMatchObject({ provider: 'acme', error: 'access_denied' });
});

test('an address that somebody made up makes no button say that it is connected', async () => {
  const page = await it.open('<connect-button provider="acme"></connect-button>', { query: '?connected=acme' });
  await page.locator('connect-button[status=not_connected]').waitFor();
  expect(await told(page)).toEqual([]);
});

test('a page that the browser kept while the person was away has a button that works', async () => {
  const page = await it.open('<connect-button provider="acme"></connect-button>');
  await page.locator('connect-button').click();
  await page.locator('#allow').waitFor();
  await page.goBack();
  await page.locator('connect-button[state=ready][status=not_connected]').waitFor();
  await page.locator('connect-button').click();
  await page.locator('#allow').waitFor();
});

test('passes on its parameters and where to come back to', async () => {
  const body = `<connect-button provider="acme" parameters='{"company":"123456789"}' return-to="/app/back?x=1"></connect-button>`;
  const page = await it.open(body);
  await page.locator('connect-button').click();
  await page.locator('#allow').waitFor();
  expect(new URL(page.url()).searchParams.get('company')).toBe('123456789');
  await page.click('#allow');
  await page.waitForURL(
    (url) =>
      url.href.includes('connected') && withoutId(url) === `${new URL(it.gate).origin}/app/back?x=1&connected=acme#`,
  );
});

test('what Gatehouse refuses to start is told as an error, and no window stays open', async () => {
  const page = await it.open(`<connect-button provider="acme" popup parameters='{"company":"x"}'></connect-button>`);
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('connect-button').click()]);
  expect(await nextTold(page, 'failed')).toEqual(['failed', 'invalid_request']);
  expect(popup.isClosed()).toBe(true);
  expect(await page.getByRole('status').textContent()).toMatch(/invalid_request/);
});

test('a blocked window is told, and the next press goes by redirect', async () => {
  const press = "document.querySelector('connect-button').shadowRoot.querySelector('button').click();";
  const page = await it.open('<connect-button provider="acme" popup></connect-button>', { script: press });
  expect(await nextTold(page, 'blocked')).toEqual(['blocked', 'popup_blocked']);
  expect(await page.getByRole('status').textContent()).toMatch(/blocked the window/);
  await connectByRedirect(page);
  expect(await nextTold(page, 'connected')).toEqual(['connected', 'connected']);
});

test.each(['Enter', 'Space'])('is reached by Tab and pressed with %s, and keeps the focus', async (key) => {
  const page = await it.open('<connect-button provider="acme" popup></connect-button>');
  await page.locator('connect-button[status=not_connected]').waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.localName')).toBe('connect-button');
  const outline = 'getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle';
  expect(await page.evaluate(outline)).toBe('solid');
  // The key goes up over a page that a window has just come in front of: the browser may take its time to say so.
  const pressed = page.keyboard.press(key).catch(() => undefined);
  const popup = await page.waitForEvent('popup');
  await popup.click('#allow');
  await nextTold(page, 'connected');
  expect(await page.evaluate('document.activeElement.localName')).toBe('connect-button');
  void pressed;
});

test('axe finds nothing in any state, by light and by dark', async () => {
  const body =
    '<connect-button provider="acme" popup></connect-button><connect-button provider="nobody">Own text</connect-button>';
  for (const colorScheme of ['light', 'dark'] as const) {
    await it.chromium.context.clearCookies();
    const page = await it.open(body);
    await page.emulateMedia({ colorScheme });
    const violations = async () => {
      await page.evaluate(axe);
      return page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))',
      );
    };
    await page.locator('connect-button[status=not_connected]').waitFor();
    expect(await violations()).toEqual([]);
    await (await popupOf(page)).click('#refuse');
    await nextTold(page, 'refused');
    expect(await violations()).toEqual([]);
    await (await popupOf(page)).click('#allow');
    await nextTold(page, 'connected');
    expect(await violations()).toEqual([]);
    await page.close();
  }
});

test('shows own text while not connected, and own text for a state by its slot', async () => {
  const page = await it.open(
    '<connect-button provider="acme" popup>Link my books<b slot="connected">Books are linked</b></connect-button>',
  );
  await page.locator('connect-button[status=not_connected]').waitFor();
  expect((await seen(page)).name).toBe('Link my books');
  await (await popupOf(page)).click('#allow');
  await nextTold(page, 'connected');
  expect((await seen(page)).name).toBe('Books are linked');
  const blank = await it.open('<connect-button provider="acme">\n  </connect-button>');
  await blank.locator('connect-button[status=connected]').waitFor();
  expect((await seen(blank)).name).toBe('Connected to Acme Books');
});

test('white space between its tags is no text', async () => {
  const page = await it.open('<connect-button provider="acme">\n  </connect-button>');
  await page.locator('connect-button[status=not_connected]').waitFor();
  expect((await seen(page)).name).toBe('Connect Acme Books');
});

test('with the attribute disconnect a connected one disconnects, in Norwegian where the page is', async () => {
  const page = await it.open('<div lang="nb"><connect-button provider="acme" popup disconnect></connect-button></div>');
  await page.locator('connect-button[status=not_connected]').waitFor();
  expect((await seen(page)).name).toBe('Koble til Acme Books');
  await (await popupOf(page)).click('#allow');
  await nextTold(page, 'connected');
  expect(await seen(page)).toMatchObject({ name: 'Koble fra Acme Books', disabled: false });
  await page.locator('connect-button').click();
  expect(await nextTold(page, 'disconnected')).toEqual(['disconnected', 'revoked']);
  expect(await seen(page)).toMatchObject({ name: 'Koble til Acme Books', status: 'not_connected' });
});

test('asks for consent again where a permission is missing, and to connect again where the grant has ended', async () => {
  const page = await it.open('<connect-button provider="acme" popup></connect-button>');
  it.world.server.bend = { token: { body: { refresh_token: null } } };
  try {
    await (await popupOf(page)).click('#allow');
    await page.locator('connect-button[status=scope_missing]').waitFor();
  } finally {
    it.world.server.bend = {};
  }
  expect((await seen(page)).name).toBe('Grant the missing permission at Acme Books');
  const popup = await popupOf(page);
  expect(new URL(popup.url()).searchParams.get('prompt')).toBe('consent');
  await popup.click('#allow');
  await page.locator('connect-button[status=connected]').waitFor();
});

test('a provider that is not on offer cannot be pressed, and changing the provider looks again', async () => {
  const page = await it.open('<connect-button provider="nobody"></connect-button>');
  await page.locator('connect-button[status=unknown]').waitFor();
  expect(await seen(page)).toMatchObject({ name: 'nobody is not available', disabled: true });
  await page.evaluate("document.querySelector('connect-button').setAttribute('provider', 'acme')");
  await page.locator('connect-button[status=not_connected]').waitFor();
  expect(await seen(page)).toMatchObject({ name: 'Connect Acme Books', disabled: false });
});

test('is styled from outside by its parts and by custom properties', async () => {
  const page = await it.open('<connect-button provider="acme"></connect-button>');
  const colors = await page.evaluate(`(() => {
    const host = document.querySelector('connect-button');
    const style = getComputedStyle(host.shadowRoot.querySelector('button'));
    const before = style.backgroundColor;
    host.style.setProperty('--connect-button-background', 'rgb(1, 2, 3)');
    const custom = style.backgroundColor;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('connect-button::part(button) { background: rgb(4, 5, 6) } connect-button::part(message) { color: rgb(7, 8, 9) }');
    document.adoptedStyleSheets = [sheet];
    return [before, custom, style.backgroundColor, getComputedStyle(host.shadowRoot.querySelector('span')).color];
  })()`);
  expect(colors).toEqual(['rgb(29, 78, 216)', 'rgb(1, 2, 3)', 'rgb(4, 5, 6)', 'rgb(7, 8, 9)']);
});

test('two buttons and a second tab learn of it, too', async () => {
  const body =
    '<connect-button provider="acme" popup></connect-button><connect-button provider="acme"></connect-button>';
  const [page, other] = [await it.open(body), await it.open('<connect-button provider="acme"></connect-button>')];
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('connect-button').first().click()]);
  await popup.click('#allow');
  await page.locator('connect-button[status=connected]').nth(1).waitFor();
  await other.locator('connect-button[status=connected]').waitFor();
  expect(await statusOf(other)).toBe('connected');
});
