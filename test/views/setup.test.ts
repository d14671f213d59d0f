import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { freePort } from '../world/listen.js';

let app: App;
const page = async (path: string, language = 'en') => {
  const { status, text } = await createBrowser(app.url).get(path, {
    accept: 'text/html',
    headers: { 'accept-language': language },
  });
  return { status, text: text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ') };
};

describe('with one client of the operator', () => {
  beforeAll(async () => {
    app = await startApp({ INVOICED_CLIENT_ID: 'c', INVOICED_CLIENT_SECRET: 's', LUCA_CLIENT_SECRET_FILE: '' });
  });
  afterAll(() => app.close());

  test('a provider without a client has its page: the redirect URI, the checklist and what is missing', async () => {
    const { status, text } = await page('/setup/luca');
    expect(status).toBe(200);
    expect(text).toContain('Not available yet. Missing: LUCA_CLIENT_ID, LUCA_CLIENT_SECRET.');
    expect(text).toContain('SANDBOX_PROVIDERS=luca npm start');
    expect((await createBrowser(app.url).get('/setup/luca', { accept: 'text/html' })).text).toContain(
      `value="${app.url}/connect/luca/callback"`,
    );
  });

  test('one with a client says so, and is named by none of its secrets', async () => {
    const { text } = await page('/setup/invoiced');
    expect(text).toContain('Your client is set up. The provider is available.');
    expect(text).toMatch(/INVOICED_CLIENT_SECRET Set/);
  });

  test('the start page leads to the set-up of those that are not on offer', async () => {
    const { text } = await page('/');
    expect(text).toContain('Providers in the catalogue');
    expect(text).toContain('LUCA_CLIENT_ID');
    expect(text).not.toContain('INVOICED_CLIENT_ID');
  });

  test('one that asks by itself needs no redirect URI; one that is there to be extended has no page', async () => {
    expect((await page('/setup/request-finance-m2m')).text).toContain('needs no redirect URI');
    expect((await page('/setup/generic-oidc')).status).toBe(404);
    expect((await page('/setup/__proto__')).status).toBe(404);
  });

  test('every checklist is there in Norwegian', async () => {
    for (const id of ['request-finance', 'invoiced', 'luca', 'luca-v2', 'financefeast']) {
      const { text } = await createBrowser(app.url).get(`/setup/${id}`, {
        ...{ accept: 'text/html', headers: { 'accept-language': 'nb' } },
      });
      expect([id, [...text.matchAll(/<li lang="(\w+)"/g)].every(([, lang]) => lang === 'nb')]).toEqual([id, true]);
    }
  });
});

test("the sandbox's clients do not count as the operator's", async () => {
  app = await startApp({ SANDBOX: 'on', SANDBOX_PORT: String(await freePort()) });
  try {
    const { text } = await page('/setup/luca');
    expect(text).toContain('The sandbox emulates this provider');
    expect(text).toMatch(/LUCA_CLIENT_ID Missing/);
  } finally {
    await app.close();
  }
});
