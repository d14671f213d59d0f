import { expect, test } from '@jest/globals';
import { startChromium } from '../world/chromium.js';
import { htmlReply } from '../world/reply.js';
import { startUpstream } from '../world/upstream.js';

test('Chromium opens a page, keeps its cookies to itself and leaves nothing behind', async () => {
  const upstream = await startUpstream();
  const page = htmlReply('<!doctype html><title>Here</title><h1>Hello</h1>');
  upstream.answer('/page', { ...page, headers: { 'content-type': 'text/html', 'set-cookie': 'sid=1; Path=/' } });
  const first = await startChromium({ locale: 'nb-NO' });
  try {
    const tab = await first.newPage();
    await tab.goto(`${upstream.origin}/page`);
    expect(await tab.textContent('h1')).toBe('Hello');
    expect(upstream.requests[0]?.headers).toMatchObject({ 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' });
    expect(upstream.requests[0]?.headers['accept-language']).toMatch(/^nb-NO/);
  } finally {
    await first.close();
  }
  const second = await startChromium();
  try {
    await (await second.newPage()).goto(`${upstream.origin}/page`);
    expect(upstream.requests.findLast(({ url }) => url === '/page')?.headers.cookie).toBeUndefined();
  } finally {
    await second.close();
    await upstream.close();
  }
});
