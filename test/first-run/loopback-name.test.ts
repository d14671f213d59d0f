import { expect, test } from '@jest/globals';
import { startApp } from '../world/app.js';
import { createBrowser } from '../world/browser.js';

test('a person who types 127.0.0.1 is shown the page under the name in PUBLIC_URL', async () => {
  const app = await startApp();
  try {
    const typed = createBrowser(`http://127.0.0.1:${app.port}`);
    const answer = await typed.navigate('/', { follow: false });
    expect([answer.status, answer.location?.href]).toEqual([302, `${app.url}/#`]);
    expect((await typed.get('/api/session')).status).toBe(200);
  } finally {
    await app.close();
  }
});
