import { describe, expect, test } from '@jest/globals';
import { proxyNames } from './proxies.js';
import { startProxiedWorld } from './world.js';

describe.each(proxyNames)('the lines that %s writes about requests', (name) => {
  test('tell method, path and status, and neither codes nor states nor cookies', async () => {
    const world = await startProxiedWorld(name);
    const browser = await world.connected();
    const cookie = (browser.cookieHeader() ?? '').split('; ').map((pair) => pair.slice(pair.indexOf('=') + 1));
    const [secret, spoken] = ['canary-code', 'canary-referer'];
    const headers = { referer: `https://id.example.com/?code=${spoken}` };
    await world.ask({ path: `/connect/acme/callback?code=${secret}&state=${secret}`, browser, headers });
    await world.browser().get(`http://connect.example.com/connect/acme/callback?code=${secret}`);
    await world.ask({ path: '/connect/acme', headers });
    const lines = await world.close();
    const requests = lines.filter((line) => line.includes('/connect/acme/callback'));
    expect(requests.length).toBeGreaterThanOrEqual(2);
    expect(requests.join('\n')).toMatch(/GET\b.*\b303\b|\b303\b.*GET\b/);
    const text = lines.join('\n');
    for (const word of [secret, spoken, 'code=', 'state=', 'code_challenge', ...cookie])
      expect(text).not.toContain(word);
  });
});
