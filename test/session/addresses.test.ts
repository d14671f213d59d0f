import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { connect } from '../world/journey.js';

const front = 'http://localhost:3999';
let app: App;
let server: MisbehavingServer;
let directory: ProvidersDirectory;

beforeAll(async () => {
  server = await startMisbehaving();
  directory = await createProvidersDirectory({ acme: server.providerFile({ id: 'acme' }) });
  const origins = { ALLOWED_ORIGINS: front };
  app = await startApp({ PROVIDERS_DIR: directory.path, ...server.environment('acme'), ...origins });
});
afterAll(async () => {
  await app.close();
  await Promise.all([server.close(), directory.remove()]);
});
const visit = () => createBrowser(app.url);
const codeOf = (text: string) => (JSON.parse(text) as { code: string }).code;

describe('addresses have one spelling', () => {
  test.each([
    '/API/session',
    '/Api/Session',
    '/api/SESSION',
    '/HEALTHZ',
    '/ReadyZ',
    '/OpenAPI.json',
    '/DOCS',
    '/Connections/acme',
  ])('GET %s is 404', async (path) => {
    const answer = await visit().api.get(path);
    expect([answer.status, codeOf(answer.text)]).toEqual([404, 'not_found']);
  });

  test.each(['/ASSETS/base.css', '/Assets/base.css'])('GET %s is 404', async (path) => {
    expect((await visit().get(path)).status).toBe(404);
  });
});

test.each(['/proxy', '/proxy?a=b', '/proxy/nobody'])(
  'what Gatehouse answers at %s is marked as its own',
  async (path) => {
    const answer = await visit().api.get(path);
    expect([answer.status, answer.headers['x-gatehouse-error']]).toEqual([404, codeOf(answer.text)]);
  },
);

describe('an asset is kept for long only under its true version', () => {
  const cacheOf = async (path: string) => (await visit().get(path)).headers['cache-control'];

  test('as a page names it', async () => {
    const [, address = ''] = /href="(\/assets\/base\.css\?v=[^"]*)"/.exec((await visit().get('/')).text) ?? [];
    expect(await cacheOf(address)).toBe('public, max-age=31536000, immutable');
    for (const other of [`${address}0`, `${address}&v=1`, `${address}&x`, address.replace('?v=', '?V='), `${address}?`])
      expect([other, await cacheOf(other)]).toEqual([other, 'no-cache']);
    expect(await cacheOf(address.replace('base.css', 'frame.css'))).toBe('no-cache');
  });

  test.each(['', '?', '?v', '?v=', '?v=anything', '?v=undefined', '?x=1&v=0'])('%j is no version', async (query) => {
    expect(await cacheOf(`/assets/base.css${query}`)).toBe('no-cache');
  });
});

test.each(['/', '/docs', '/nowhere', '/connections/acme', '/api/session', '/healthz', '/proxy/nobody/x', '/popup'])(
  'search engines are asked to leave out %s',
  async (path) => {
    expect((await visit().get(path)).headers['x-robots-tag']).toBe('noindex');
  },
);

describe('logging out with return_to', () => {
  const logOut = (browser: ReturnType<typeof visit>, returnTo: string) =>
    browser.post('/logout', { headers: { 'x-csrf': '1' }, form: { return_to: returnTo } });

  test.each([
    ['/app/bye?x=1', () => `${app.url}/app/bye?x=1`],
    [`${front}/bye`, () => `${front}/bye`],
  ])('%s leads there', async (returnTo, location) => {
    const answer = await logOut(visit(), returnTo);
    expect([answer.status, answer.headers.location]).toEqual([303, location()]);
  });

  test.each([
    'https://evil.test/',
    '//evil.test',
    '/\\evil.test',
    '/.//evil.test',
    'javascript:alert(1)',
    'http://user@localhost:3999/',
  ])('%s is refused', async (returnTo) => {
    const answer = await logOut(visit(), returnTo);
    expect([answer.status, codeOf(answer.text)]).toEqual([400, 'invalid_return_to']);
  });

  test('an unsafe one ends nothing', async () => {
    const browser = visit();
    await connect(browser, 'acme');
    expect((await logOut(browser, 'https://evil.test/')).status).toBe(400);
    const active = async () =>
      (JSON.parse((await browser.api.get('/api/session')).text) as { session: { active: boolean } }).session.active;
    expect(await active()).toBe(true);
    expect((await logOut(browser, '/bye')).status).toBe(303);
    expect(await active()).toBe(false);
  });
});

test('a 401 says how to be let in', async () => {
  const answer = await visit().api.get('/proxy/acme/x');
  expect([answer.status, answer.headers['www-authenticate']]).toEqual([
    401,
    `Gatehouse realm="${app.url}", error="login_required"`,
  ]);
});
