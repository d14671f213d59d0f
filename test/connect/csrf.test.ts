import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { parseForms } from '../world/forms.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import { codeOf, startConnectWorld, type ConnectWorld } from './world.js';

const front = 'http://app.localhost:5173';
let world: ConnectWorld;
let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
  world = await startConnectWorld({
    env: { ALLOWED_ORIGINS: front },
    acme: { api: { base_url: upstream.origin } },
  });
});
afterAll(() => Promise.all([world.close(), upstream.close()]));
beforeEach(() => {
  world.reset();
  upstream.reset();
});

const connected = async () => {
  const browser = world.newBrowser();
  await world.connect(browser);
  return browser;
};
const isConnected = async (browser: Browser) => (await world.statuses(browser))['acme'] === 'connected';
const foreign = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };

/** Everything that changes something. */
const changes: [method: string, path: string][] = [
  ['POST', '/logout'],
  ['POST', '/connect/acme'],
  ['POST', '/connect/acme/confirm'],
  ['POST', '/connections/acme/disconnect'],
  ['POST', '/connections/acme/organization'],
  ['POST', '/api/connections/acme/refresh'],
  ['PUT', '/api/connections/acme/organization'],
  ['PUT', '/api/session/owner'],
  ['DELETE', '/api/connections/acme'],
  ['POST', '/proxy/acme/invoices'],
  ['DELETE', '/proxy/acme/invoices/1'],
  ['GET', '/proxy/acme/invoices'],
];

describe.each(changes)('%s %s', (method, path) => {
  test.each<[string, Record<string, string>, string]>([
    ['a form on another site', { ...foreign, 'content-type': 'text/plain' }, 'origin_not_allowed'],
    ['another site, even with the header', { ...foreign, 'x-csrf': '1' }, 'origin_not_allowed'],
    ['another site that hides its origin', { 'sec-fetch-site': 'cross-site', 'x-csrf': '1' }, 'origin_not_allowed'],
    ['a sandboxed page', { origin: 'null', 'x-csrf': '1' }, 'origin_not_allowed'],
    ['a sibling', { origin: 'http://x.localhost', 'sec-fetch-site': 'same-site', 'x-csrf': '1' }, 'origin_not_allowed'],
    ['an allowed origin without the header', { origin: front, 'sec-fetch-site': 'same-site' }, 'csrf_required'],
    ['our own page without the header', { 'sec-fetch-site': 'same-origin' }, 'csrf_required'],
    ['an old browser without the header', {}, 'csrf_required'],
    ['a caller with another value of the header', { 'x-csrf': 'true' }, 'csrf_required'],
  ])('from %s is refused and changes nothing', async (_name, headers, code) => {
    const browser = await connected();
    world.reset();
    const answer = await browser.request(method, path, { headers, accept: 'application/json' });
    expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([403, code, []]);
    expect(await isConnected(browser)).toBe(true);
    expect([upstream.requests, world.acme.tokenCalls, world.acme.revocations]).toEqual([[], [], []]);
  });
});

test.each(['/logout', '/connections/acme/disconnect', '/connections/acme/organization'])(
  'GET %s is not there and changes nothing',
  async (path) => {
    const browser = await connected();
    const answer = await browser.navigate(path);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    expect(await isConnected(browser)).toBe(true);
  },
);

describe('a navigation', () => {
  test.each([
    ['to a proxied address', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
    ['to it in a frame', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['of a service worker', { 'sec-fetch-mode': 'same-origin', 'sec-fetch-dest': 'serviceworker' }],
  ])('%s is refused, with the header and without', async (_name, headers) => {
    const browser = await connected();
    for (const proof of [{}, { 'x-csrf': '1' }]) {
      const answer = await browser.get('/proxy/acme/invoices', {
        headers: { 'sec-fetch-site': 'same-origin', ...headers, ...proof },
      });
      expect(answer.status).toBe(403);
    }
    expect(upstream.requests).toEqual([]);
  });
});

describe('a form’s hidden token', () => {
  const tokenOn = (text: string, action: string) =>
    parseForms(text)
      .find((form) => form.action.endsWith(action))
      ?.fields.find(([name]) => name === 'csrf_token')?.[1] ?? '';

  test('is enough for a visitor without a session who starts', async () => {
    const browser = world.newBrowser();
    const page = await browser.navigate('/');
    const started = await browser.submit(page, { which: '/connect/acme' });
    expect([started.status, started.location?.origin]).toEqual([303, world.acme.origin]);
  });

  test('of a page opened before the session began still starts, and does nothing else', async () => {
    const browser = world.newBrowser();
    const page = await browser.navigate('/');
    await world.connect(browser);
    expect((await browser.submit(page, { which: '/connect/acme' })).status).toBe(303);
    const token = tokenOn(page.text, '/connect/acme');
    const answer = await browser.navigate('/logout', { method: 'POST', form: { csrf_token: token } });
    expect([answer.status, await isConnected(browser)]).toEqual([403, true]);
  });

  test('ends the session from our own page', async () => {
    const browser = await connected();
    const page = await browser.navigate('/');
    const answer = await browser.submit(page, { which: '/logout' });
    expect([answer.status, answer.location?.pathname]).toEqual([303, '/']);
    expect(await isConnected(browser)).toBe(false);
  });

  test('of another browser is worth nothing, with a session and without', async () => {
    const attacker = await connected();
    const token = tokenOn((await attacker.navigate('/')).text, '/logout');
    const cookie = attacker.cookie('gatehouse-csrf')?.value ?? '';
    expect(token).not.toBe('');
    const victim = await connected();
    await victim.navigate('/');
    const post = () => victim.navigate('/logout', { method: 'POST', form: { csrf_token: token } });
    expect((await post()).status).toBe(403);
    victim.setCookie('gatehouse-csrf', cookie);
    expect((await post()).status).toBe(403);
    expect(await isConnected(victim)).toBe(true);
    const visitor = world.newBrowser();
    await visitor.navigate('/');
    const start = await visitor.navigate('/connect/acme', { method: 'POST', form: { csrf_token: token } });
    expect(start.status).toBe(403);
  });

  test.each([
    ['missing', {}],
    ['empty', { csrf_token: '' }],
    ['made up', { csrf_token: 'A'.repeat(43) }],
  ])('that is %s is refused', async (_name, form) => {
    const browser = await connected();
    await browser.navigate('/');
    expect((await browser.navigate('/logout', { method: 'POST', form })).status).toBe(403);
    expect(await isConnected(browser)).toBe(true);
  });

  test('sent twice, or as JSON by a foreign page, is refused', async () => {
    const browser = await connected();
    const token = tokenOn((await browser.navigate('/')).text, '/logout');
    const form = new URLSearchParams([
      ['csrf_token', token],
      ['csrf_token', token],
    ]);
    expect((await browser.navigate('/logout', { method: 'POST', form })).status).toBe(403);
    const answer = await browser.post('/logout', { json: { csrf_token: token }, headers: foreign });
    expect([answer.status, await isConnected(browser)]).toEqual([403, true]);
  });
});

describe('a preflight', () => {
  const ask = (origin: string, path = '/proxy/acme/invoices') =>
    world.newBrowser().request('OPTIONS', path, {
      headers: { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'x-csrf' },
    });

  test.each(['https://evil.test', 'null', 'http://x.localhost', `${front}.evil.test`, 'http://app.localhost:5174'])(
    'from %s is told nothing',
    async (origin) => {
      for (const path of ['/proxy/acme/invoices', '/api/session', '/logout', '/connect/acme']) {
        const answer = await ask(origin, path);
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
        expect(String(answer.headers.vary)).toMatch(/\bOrigin\b/);
      }
      expect(upstream.requests).toEqual([]);
    },
  );

  test('from an allowed origin is told exactly that origin, and is not forwarded', async () => {
    const answer = await ask(front);
    expect(answer.headers['access-control-allow-origin']).toBe(front);
    expect(answer.headers['access-control-allow-credentials']).toBe('true');
    expect(String(answer.headers.vary)).toMatch(/\bOrigin\b/);
    expect(upstream.requests).toEqual([]);
  });

  test('aside, an answer to a foreign origin carries no leave to read it', async () => {
    for (const origin of ['https://evil.test', 'null']) {
      const answer = await world.newBrowser().get('/api/session', { headers: { origin } });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(String(answer.headers.vary)).toMatch(/\bOrigin\b/);
    }
    const answer = await world.newBrowser().get('/api/session', { headers: { origin: front } });
    expect(answer.headers['access-control-allow-origin']).toBe(front);
  });
});
