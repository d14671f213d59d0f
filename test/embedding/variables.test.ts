import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { nextTold, startEmbeddingWorld, type EmbeddingWorld } from './world.js';

let it: EmbeddingWorld;
beforeAll(async () => {
  const variables = { shop: { from: 'caller', label: { en: 'Shop' }, pattern: '[a-z]+', public: true } };
  it = await startEmbeddingWorld({}, { variables });
});
afterAll(() => it.close());
beforeEach(() => it.chromium.context.clearCookies());

test.each(['own', 'allowed'] as const)(
  'a pop-up of the %s origin asks for what the button does not say',
  async (which) => {
    const page = await it.open(
      '<connect-button provider="acme" popup></connect-button>',
      which === 'allowed' ? { origin: it.allowed } : {},
    );
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('connect-button').click()]);
    await popup.getByLabel('Shop').fill('mine');
    await popup.locator('form button[type=submit]').click();
    await Promise.all([popup.waitForEvent('close'), popup.locator('#allow').click()]);
    expect(await nextTold(page, 'connected')).toEqual(['connected', 'connected']);
    expect(await page.evaluate('gatehouse.session().then(({ connections: [acme] }) => acme.variables)')).toEqual({
      shop: 'mine',
    });
  },
);

test('a page that is left comes back, with what the person said', async () => {
  const page = await it.open('<connect-button provider="acme"></connect-button>');
  const start = page.url();
  await page.locator('connect-button').click();
  await page.getByLabel('Shop').fill('mine');
  await page.locator('form button[type=submit]').click();
  await page.locator('#allow').click();
  await page.waitForURL((url) => url.href.startsWith(start));
  expect(new URL(page.url()).searchParams.get('connected')).toBe('acme');
});

test('what the button says is not asked', async () => {
  const page = await it.open(`<connect-button provider="acme" parameters='{"shop":"said"}'></connect-button>`);
  await page.locator('connect-button').click();
  await page.locator('#allow').waitFor();
});
