import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { nextTold, popupOf, startEmbeddingWorld, statusOf, told, type EmbeddingWorld } from './world.js';

let it: EmbeddingWorld;
beforeAll(async () => {
  it = await startEmbeddingWorld();
});
afterAll(() => it.close());
beforeEach(async () => {
  await it.chromium.context.clearCookies();
  it.person.openerPolicy = undefined;
  it.complaints.length = 0;
});

const button = '<connect-button provider="acme" popup></connect-button>';
/** Starts in a window, and keeps how it ends in `ended`. */
const start =
  "globalThis.ended = gatehouse.connect('acme', { popup: true }).then(({ status }) => status, ({ name, code, status, requestId }) => [name, code, status, requestId?.length]); undefined";

test.each(['own', 'allowed'] as const)('a pop-up of the %s origin connects and closes itself', async (which) => {
  const page = await it.open(button, which === 'allowed' ? { origin: it.allowed } : {});
  const popup = await popupOf(page);
  await Promise.all([popup.waitForEvent('close'), popup.click('#allow')]);
  expect(await nextTold(page, 'connected')).toEqual(['connected', 'connected']);
  expect(await told(page)).toHaveLength(1);
  await page.locator('connect-button[status=connected]').waitFor();
  expect(await page.locator('connect-button').getByRole('button').textContent()).toBe('Connected to Acme Books');
  expect(it.complaints).toEqual([]);
});

test('connect answers the connection, and a refusal as an error with code, status and request id', async () => {
  const page = await it.open();
  let [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate(start)]);
  await Promise.all([popup.waitForEvent('close'), popup.click('#refuse')]);
  expect(await page.evaluate('ended')).toEqual(['GatehouseError', 'access_denied', 403, 12]);
  expect(await statusOf(page)).toBe('not_connected');
  [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate(start)]);
  await Promise.all([popup.waitForEvent('close'), popup.click('#allow')]);
  expect(await page.evaluate('ended')).toBe('connected');
});

test('a refusal and a window closed early are told apart, and the button can be pressed again', async () => {
  const page = await it.open(button);
  let popup = await popupOf(page);
  await popup.close();
  expect(await nextTold(page, 'closed')).toEqual(['closed', 'popup_closed']);
  expect(await page.getByRole('status').textContent()).toBe('The window closed before you finished.');
  popup = await popupOf(page);
  await popup.click('#refuse');
  expect(await nextTold(page, 'refused')).toEqual(['refused', 'access_denied']);
  expect(await page.getByRole('status').textContent()).toBe('Access was not allowed.');
  expect((await told(page)).map(([type]) => type)).toEqual(['closed', 'refused']);
});

test('a window that is pressed for twice is one window, and its outcome is told once', async () => {
  const page = await it.open(button);
  const popup = await popupOf(page);
  const again = popup.waitForEvent('framenavigated');
  await page.locator('connect-button').click();
  await again;
  await popup.locator('#allow').click();
  await nextTold(page, 'connected');
  expect(it.chromium.context.pages().filter((each) => each.url().includes('/authorize'))).toEqual([]);
  expect(await told(page)).toHaveLength(1);
});

test.each(['own', 'allowed'] as const)(
  "a provider's opener policy cuts the window off; a page of the %s origin still learns the outcome",
  async (which) => {
    it.person.openerPolicy = 'same-origin';
    const page = await it.open(button, which === 'allowed' ? { origin: it.allowed } : {});
    const popup = await popupOf(page);
    expect(await popup.evaluate('window.opener')).toBeNull();
    await Promise.all([popup.waitForEvent('close'), popup.click('#allow')]);
    expect(await nextTold(page, 'connected')).toEqual(['connected', 'connected']);
  },
);

test('an outcome that comes after the window was given up is told as well', async () => {
  it.person.openerPolicy = 'same-origin';
  const page = await it.open(button);
  const popup = await popupOf(page);
  await nextTold(page, 'closed');
  await popup.click('#allow');
  expect(await nextTold(page, 'connected')).toEqual(['connected', 'connected']);
});

test('no page of ours cuts the window off, and the last one runs no script of its own text', async () => {
  const { browser } = it.world;
  for (const path of ['/popup', '/connect/acme/confirm', '/connect/acme/callback?code=x&state=y', '/']) {
    const { headers } = await browser.get(`${it.gate}${path}`, { accept: 'text/html' });
    expect([path, headers['cross-origin-opener-policy']]).toEqual([path, undefined]);
  }
  const page = await browser.get(`${it.gate}/popup`, { accept: 'text/html' });
  expect(page.headers['content-security-policy']).toContain("script-src 'self';");
  expect(page.text).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/);
});

test('the last page, opened without an opener, says that it may be closed', async () => {
  const tab = await it.chromium.newPage();
  const query = new URLSearchParams({ popup: 'a'.repeat(22), provider: 'acme', origin: it.allowed, connected: 'acme' });
  await tab.goto(`${it.gate}/popup?${query.toString()}`);
  expect(await tab.locator('[role=status]').innerText()).toMatch(
    /Acme Books is connected[\s\S]*You can close this window/,
  );
  expect(it.complaints).toEqual([]);
});

test('only the origin that started is told, and only if it is allowed', async () => {
  const listening = `globalThis.heard = []; addEventListener('message', ({ data }) => heard.push(data.popup));
globalThis.show = (query) => new Promise((resolve) => {
  const popup = open('${it.gate}/popup?' + query);
  const timer = setInterval(() => popup.closed && resolve(clearInterval(timer)), 20);
});`;
  const query = (origin: string) =>
    new URLSearchParams({ popup: 'b'.repeat(22), provider: 'acme', origin, connected: 'acme' }).toString();
  const { origin: own } = new URL(it.gate);
  const page = await it.open('', { origin: it.allowed, script: listening });
  await page.evaluate(`show('${query(own)}')`);
  expect(await page.evaluate('heard')).toEqual([]);
  await page.evaluate(`show('${query(it.allowed)}')`);
  expect(await page.evaluate('heard')).toEqual(['b'.repeat(22)]);

  for (const origin of [it.stranger, 'null', '*', '', `${it.allowed}/`]) {
    const { text } = await it.world.browser.get(`${it.gate}/popup?${query(origin)}`, { accept: 'text/html' });
    expect([origin, text.includes('data-origin')]).toEqual([origin, false]);
  }
});

test('a message of another origin is no outcome, even if it knows the name of the attempt', async () => {
  const page = await it.open(button, { origin: it.allowed });
  const asked = page.waitForRequest((each) => each.method() === 'POST' && each.url().endsWith('/connect/acme'));
  const popup = await popupOf(page);
  const { popup_id: id } = (await asked).postDataJSON() as { popup_id: string };
  await page.evaluate(`new Promise((heard) => {
    addEventListener('message', () => heard());
    postMessage({ popup: '${id}', error: 'rate_limited', status: 429, request_id: null }, '*');
  })`);
  await popup.click('#refuse');
  expect(await nextTold(page, 'refused')).toEqual(['refused', 'access_denied']);
  expect(await told(page)).toHaveLength(1);
});

test('the outcome can be asked for by its own browser alone, and once', async () => {
  const id = 'c'.repeat(22);
  const { browser } = it.world;
  const ask = async (who = browser) => (await who.api.get(`${it.gate}/api/popups/${id}`)).json;
  // The page alone sets nothing: any site can lead there, and would choose the name of the cookie.
  const planted = await browser.get(`${it.gate}/popup?popup=${id}&provider=acme&connect_error=access_denied`);
  expect([planted.status, planted.setCookies]).toEqual([200, []]);
  expect(await ask()).toEqual({ outcome: null });

  const started = await browser.api.post(`${it.gate}/connect/acme`, { json: { popup_id: id } });
  const { searchParams } = new URL((started.json as { authorize_url: string }).authorize_url);
  const callback = new URL(searchParams.get('redirect_uri') ?? '');
  callback.search = new URLSearchParams({ state: searchParams.get('state') ?? '', error: 'access_denied' }).toString();
  await browser.navigate(callback, { follow: false });
  expect(await ask(browser.newBrowser())).toEqual({ outcome: null });
  expect(await ask()).toMatchObject({ outcome: { popup: id, provider: 'acme', error: 'access_denied', status: 403 } });
  expect(await ask()).toEqual({ outcome: null });
});

test.each([
  ['a name that is short', 'short'],
  ['markup', '"><script>alert(1)</script>'],
])('a start for a pop-up with %s is refused', async (_name, popup) => {
  const json = { popup_id: popup };
  const { status, json: problem } = await it.world.browser.newBrowser().api.post(`${it.gate}/connect/acme`, { json });
  expect([status, (problem as { code: string }).code]).toEqual([400, 'invalid_request']);
});
