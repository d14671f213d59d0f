import { expect, test } from '@jest/globals';
import { startApp } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { freePort } from '../world/listen.js';
import { createProvidersDirectory } from '../world/providers-directory.js';

test('in development the error page names the issuer that could not be used, in words and under one request id', async () => {
  const issuer = `http://127.0.0.1:${await freePort()}/tenant/`;
  const file = `id: acme\nextends: generic-oidc\nissuer: ${issuer}\napi: { base_url: 'http://127.0.0.1:9/' }\n`;
  const directory = await createProvidersDirectory({ acme: file });
  const app = await startApp({ PROVIDERS_DIR: directory.path, ACME_CLIENT_ID: 'c', ACME_CLIENT_SECRET: 's' });
  try {
    const browser = createBrowser(app.url);
    const { status, text, headers } = await browser.navigate('/connect/acme', { from: browser.base });
    expect(status).toBe(503);
    expect(text).toContain('For the administrator');
    expect(text).toContain(issuer);
    const id = String(headers['x-request-id']);
    expect(text).toContain(id);
    expect(app.lines.some((line) => line.includes(id) && line.includes('discovery_pending'))).toBe(true);
  } finally {
    await app.close();
    await directory.remove();
  }
});
