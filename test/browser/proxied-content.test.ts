import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { startChromium, type Chromium } from '../world/chromium.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

let upstream: Upstream;
let provider: MisbehavingServer;
let directory: ProvidersDirectory;
let app: App;
let person: Browser;
let chromium: Chromium;
let page: Page;
/** Everything that the browser asked for. */
const asked: string[] = [];

beforeAll(async () => {
  upstream = await startUpstream();
  provider = await startMisbehaving();
  const api = { base_url: upstream.origin, cache: 'private' };
  directory = await createProvidersDirectory({ acme: provider.providerFile({ more: { api } }) });
  app = await startApp({ PROVIDERS_DIR: directory.path, ...provider.environment('acme') });
  person = createBrowser(app.url);
  await connect(person, 'acme');
  chromium = await startChromium();
  const pairs = (person.cookieHeader() ?? '').split('; ').map((pair) => pair.split(/=(.*)/));
  await chromium.context.addCookies(pairs.map(([name = '', value = '']) => ({ name, value, url: app.url })));
  chromium.context.on('request', (request) => asked.push(request.url()));
  // What a policy forbids is reported as asked for and failed.
  chromium.context.on('requestfailed', (request) => {
    if (request.failure()?.errorText === 'csp') asked.splice(asked.indexOf(request.url()), 1);
  });
});
afterAll(async () => {
  await chromium.close();
  await app.close();
  await Promise.all([provider.close(), upstream.close(), directory.remove()]);
});
afterEach(() => page.close());
beforeEach(async () => {
  page = await chromium.newPage();
  // A page of the front end, on the same origin as Gatehouse, which forbids nothing.
  await page.route('**/front-end', (route) => route.fulfill({ contentType: 'text/html', body: '<p>ready</p>' }));
  await page.goto(`${app.url}/front-end`);
  await page.evaluate('localStorage.clear()');
  asked.length = 0;
  upstream.reset();
});

/** What a script on our origin could do: call us, and leave something behind. */
const deed =
  "try { localStorage.setItem('ran', '1') } catch {} fetch('/api/session?ran'); new Image().src = '/healthz?ran'";
const xslt = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><html><body><script>${deed}</script></body></html></xsl:template></xsl:stylesheet>`;
const pdf = `%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.launchURL\\("/healthz?ran"\\))>>>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="${deed.replaceAll('"', '&quot;')}"><script>${deed}</script></svg>`;
const html = `<!doctype html><title>x</title><script>${deed}</script><img src=x onerror="${deed}"><base href="https://evil.test/"><meta http-equiv="refresh" content="0;url=/healthz?ran">`;
const xhtml = `<html xmlns="http://www.w3.org/1999/xhtml"><head><script>${deed}</script></head><body/></html>`;

/** Bodies that run script where nothing forbids it, by the type under which they come. */
const contents: [name: string, type: string | undefined, body: string][] = [
  ['HTML', 'text/html; charset=utf-8', html],
  ['HTML in UTF-7', 'text/html; charset=utf-7', html],
  ['SVG', 'image/svg+xml', svg],
  ['XHTML', 'application/xhtml+xml', xhtml],
  ['XML with elements of XHTML', 'text/xml', xhtml],
  [
    'XML with a style sheet of its own',
    'application/xml',
    `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#s"?><r><xsl:stylesheet id="s" version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/></r>`,
  ],
  [
    'XML with a style sheet through the proxy',
    'application/xml',
    '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="/proxy/acme/sheet"?><r/>',
  ],
  ['HTML without a type', undefined, html],
  ['HTML as plain text', 'text/plain', html],
  ['HTML as a file', 'application/octet-stream', html],
  ['HTML as an unknown type', 'x/y', html],
  ['PDF', 'application/pdf', pdf],
  ['script', 'text/javascript', deed],
  [
    'parts that replace each other',
    'multipart/x-mixed-replace; boundary=b',
    `--b\r\nContent-Type: text/html\r\n\r\n${html}\r\n--b--\r\n`,
  ],
];

async function ran(): Promise<string[]> {
  // Whatever was set off has been asked for when a later answer is here.
  const later = await chromium.newPage();
  await later.route('**/front-end', (route) => route.fulfill({ contentType: 'text/html', body: '<p>later</p>' }));
  await later.goto(`${app.url}/front-end`);
  const left = await later.evaluate<string | null>("localStorage.getItem('ran')");
  await later.close();
  return [
    ...asked.filter((url) => url.includes('ran') || url.includes('evil.test')),
    ...(left === null ? [] : ['left behind']),
  ];
}

/** Opens the proxied answer as a page, as if no check of ours stood before it. */
async function open(path: string, change: (headers: Record<string, string>) => Record<string, string>): Promise<void> {
  await page.route('**/proxy/acme/**', async (route) => {
    const { status, headers, body } = await person.api.get(new URL(route.request().url()).pathname);
    const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    await route.fulfill({ status, headers: change(flat), body });
  });
  await page.goto(`${app.url}${path}`, { waitUntil: 'load' }).catch(() => undefined);
}

function answer(type: string | undefined, body: string): void {
  upstream.answer('/content', {
    headers: { ...(type && { 'content-type': type }), 'cache-control': 'max-age=60' },
    body,
  });
  upstream.answer('/sheet', { headers: { 'content-type': 'text/xsl' }, body: xslt });
}

test.each(contents)('%s opened as a page runs nothing', async (_, type, body) => {
  answer(type, body);
  await open('/proxy/acme/content', (headers) => headers);
  expect(upstream.requests.length).toBeGreaterThan(0);
  expect(await ran()).toEqual([]);
});

/** Those that run in this browser. */
const running = contents.filter(([name]) => /^(HTML|HTML in UTF-7|SVG|XHTML|XML with.*(XHTML|proxy))$/.test(name));

test.each(running)('%s would run without our policies', async (_, type, body) => {
  answer(type, body);
  await open('/proxy/acme/content', ({ 'content-security-policy': _policy, ...others }) => others);
  expect(await ran()).not.toEqual([]);
});

test('in the address bar an answer is refused before the API is asked', async () => {
  answer('text/html', html);
  const shown = await page.goto(`${app.url}/proxy/acme/content`);
  expect([shown?.status(), shown?.headers()['x-gatehouse-error']]).toEqual([403, 'origin_not_allowed']);
  expect(upstream.requests).toEqual([]);
});

test.each(running)('%s that the browser has kept runs nothing when it is opened', async (_, type, body) => {
  answer(type, body);
  const fetched = await page.evaluate<number>(
    "fetch('/proxy/acme/content', { headers: { 'X-CSRF': '1' } }).then((kept) => kept.text().then(() => kept.status))",
  );
  expect(fetched).toBe(200);
  await page.goto(`${app.url}/proxy/acme/content`);
  expect(upstream.requests).toHaveLength(1);
  expect(await ran()).toEqual([]);
});

/** Every way in which a page makes an address a part of itself; answers how each ended. */
const takeAsParts = `(() => {
  const add = (tag, attributes) => new Promise((resolve) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.addEventListener('load', () => resolve(tag + ' loaded'));
    element.addEventListener('error', () => resolve(tag + ' failed'));
    document.body.append(element);
  });
  const worker = new Worker('/proxy/acme/content');
  return Promise.all([
    add('script', { src: '/proxy/acme/content' }),
    add('script', { src: '/proxy/acme/content', type: 'module' }),
    add('img', { src: '/proxy/acme/content?image' }),
    add('link', { href: '/proxy/acme/content', rel: 'stylesheet' }),
    add('object', { data: '/proxy/acme/frame' }),
    add('iframe', { src: '/proxy/acme/frame' }),
    add('iframe', { src: '/proxy/acme/content' }),
    import(location.origin + '/proxy/acme/content').then(String, () => 'import failed'),
    navigator.serviceWorker.register('/proxy/acme/content').then(String, () => 'service worker failed'),
    new Promise((resolve) => worker.addEventListener('error', () => resolve('worker failed'))),
  ]);
})()`;

test('nothing of a page takes an answer of the proxy for a part of itself', async () => {
  answer('text/javascript', deed);
  upstream.answer('/frame', { headers: { 'content-type': 'text/html' }, body: html });
  const outcomes = await page.evaluate<string[]>(takeAsParts);
  expect(outcomes.filter((outcome) => !outcome.endsWith(' failed'))).toEqual(['iframe loaded', 'iframe loaded']);
  // A page of ours may show an image of the API; nothing else is asked for.
  expect(upstream.requests.map(({ url }) => url)).toEqual(['/content?image']);
  expect(await ran()).toEqual([]);
});
