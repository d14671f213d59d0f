import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createViews } from '../../src/views/render.js';
import { connectionStatuses, type NoticeModel } from '../../src/views/models.js';
import { connection, home, situations, type Situation } from '../views/models.js';
import { startChromium, type Chromium } from '../world/chromium.js';
import { inspect } from './inspect.js';

const directory = new URL('../../views/', import.meta.url);
const views = createViews({ directory, basePath: '' });
const types: Record<string, string> = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' };

let chromium: Chromium;
let page: Page;
let html = '';

/** Each page as the server sends it, and the assets that it asks for; nothing else answers. */
beforeAll(async () => {
  chromium = await startChromium();
  page = await chromium.newPage();
  await page.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: html });
    if (!pathname.startsWith('/assets/')) return route.abort();
    const contentType = types[pathname.split('.').at(-1) ?? ''] ?? 'text/plain';
    return route.fulfill({ contentType, body: await readFile(new URL(`.${pathname}`, directory)) });
  });
});
afterAll(() => chromium.close());

/** Every status on one page; of notices and errors, which differ in their words alone, one of a kind. */
const alike =
  /^(home, (?!empty|providers)|connection, (not_connected|expiring|confirm|scope|provider)|error (?!internal_error))/;
const everyStatus = connectionStatuses.map((status) => connection(status, { provider: status.replace('_', '-') }));
const kinds: NoticeModel[] = [
  { kind: 'connected', provider: 'connected' },
  { kind: 'disconnected', provider: 'connected', revocation: 'failed' },
  { kind: 'connect_error', code: 'access_denied', request_id: 'r-1' },
  { kind: 'connect_error', code: 'provider_misconfigured', request_id: 'r-1' },
];
const pages: Situation[] = [
  { title: 'home, every status', name: 'home', model: home({ connections: everyStatus, setup: true }) },
  ...kinds.map((notice): Situation => {
    const title = `home, ${notice.kind}`;
    return { title, name: 'home', model: home({ connections: everyStatus.slice(1, 2), notice }) };
  }),
  ...situations.filter(({ title }) => !alike.test(title)),
];

test.each(pages)('$title meets WCAG 2.2 AA in light and dark, and fits a small phone', async ({ name, model }) => {
  html = views.render(name, model, 'en');
  await page.goto('http://pages.test/');
  await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
  expect(await inspect(page)).toEqual([]);
});

test('Norwegian, whose words are longer, fits as well', async () => {
  html = views.render('home', home({ connections: everyStatus, setup: true }), 'nb');
  await page.goto('http://pages.test/');
  expect(await inspect(page)).toEqual([]);
});
