import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { outcome, startSessionWorld, type SessionWorld } from '../session/session-world.js';

let world: SessionWorld;
let browser: Browser;
beforeAll(async () => {
  world = await startSessionWorld();
  browser = await world.connected('acme');
});
afterAll(() => world.close());

const ask = async (headers: Record<string, string>, method: 'GET' | 'HEAD' | 'POST' = 'GET') =>
  outcome(await browser.request(method, '/proxy/acme/x', { headers }));
const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors' };

test.each(['empty', 'image', 'audio', 'video'])('what reads as %s on our own page needs no X-CSRF', async (dest) => {
  expect(await ask({ ...own, 'sec-fetch-dest': dest })).toBe('200');
  expect(await ask({ ...own, 'sec-fetch-dest': dest }, 'HEAD')).toBe('200');
  expect(await ask({ ...own, 'sec-fetch-dest': dest }, 'POST')).toBe('403 csrf_required');
});

test.each([
  ...['document', 'iframe', 'frame', 'embed', 'object', 'script', 'style', 'worker', 'sharedworker', 'font', 'track'],
  ...['manifest', 'audioworklet', 'paintworklet', 'xslt', 'report', 'json', 'fencedframe', 'Image', ''],
])('what is loaded as "%s" never passes without it', async (dest) => {
  expect(await ask({ ...own, 'sec-fetch-dest': dest })).toMatch(/^403/);
});

test.each<[string, Record<string, string>]>([
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['a sibling', { 'sec-fetch-site': 'same-site' }],
  ['nobody says', { 'sec-fetch-site': 'none' }],
  ['a foreign origin', { origin: 'https://evil.test' }],
  ['a navigation', { 'sec-fetch-mode': 'navigate' }],
])('nor does an image of %s', async (_name, headers) => {
  expect(await ask({ ...own, 'sec-fetch-dest': 'image', ...headers })).toMatch(/^403/);
  expect(await ask({ 'sec-fetch-dest': 'image' })).toBe('403 csrf_required');
});
