import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseForms } from '../world/forms.js';
import { codeOf, startConnectWorld, type ConnectWorld } from './world.js';
import { withoutId } from '../world/without-id.js';

const sibling = 'http://app.localhost:5173';
let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({
    env: { ALLOWED_ORIGINS: sibling },
    acme: { authorization: { caller_parameters: { organisation_number: '\\d{9}' } } },
  });
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const link = (headers: Record<string, string>, query = '', accept = 'text/html') =>
  world.newBrowser().get(`/connect/acme${query}`, { headers, accept });

/** Nothing was started: no attempt cookie. */
const attempts = (cookies: string[]) => cookies.filter((line) => line.includes('-attempt.'));

describe('a link to /connect', () => {
  test.each([
    ['typed or bookmarked', { 'sec-fetch-site': 'none', ...navigation }],
    ['on our own page', { 'sec-fetch-site': 'same-origin', ...navigation }],
    ['on a page of an allowed origin', { 'sec-fetch-site': 'same-site', referer: `${sibling}/`, ...navigation }],
    ['passed on by a service worker', { 'sec-fetch-site': 'same-origin', ...navigation, 'sec-fetch-dest': 'empty' }],
    ['from a program without Fetch Metadata', {}],
  ])('%s starts at once', async (_name, headers) => {
    const answer = await link(headers);
    expect(answer.status).toBe(302);
    expect(attempts(answer.setCookies)).toHaveLength(1);
  });

  test.each([
    ['on another site', { 'sec-fetch-site': 'cross-site', ...navigation }],
    ['on another site that names itself ours', { 'sec-fetch-site': 'cross-site', ...navigation, referer: sibling }],
    ['on a sibling nobody allowed', { 'sec-fetch-site': 'same-site', referer: 'http://x.localhost/', ...navigation }],
    ['on a sibling that does not say which', { 'sec-fetch-site': 'same-site', ...navigation }],
    ['on a sandboxed page', { 'sec-fetch-site': 'same-site', origin: 'null', ...navigation }],
    ['with a value nobody knows', { 'sec-fetch-site': 'elsewhere', ...navigation }],
    ['on another site, in a browser without Fetch Metadata', { referer: 'https://evil.test/page' }],
    ['of a foreign script, in a browser without Fetch Metadata', { origin: 'https://evil.test' }],
  ])('%s is asked about first and starts nothing', async (_name, headers) => {
    const answer = await link(headers);
    expect(answer.status).toBe(200);
    expect(attempts(answer.setCookies)).toEqual([]);
    expect(answer.headers['cache-control']).toBe('no-store');
    const program = await link(headers, '', 'application/json');
    expect([program.status, codeOf(program), program.setCookies]).toEqual([403, 'origin_not_allowed', []]);
  });

  test.each([
    ['a frame', { ...navigation, 'sec-fetch-dest': 'iframe' }],
    ['an old frame', { ...navigation, 'sec-fetch-dest': 'frame' }],
    ['an object', { ...navigation, 'sec-fetch-dest': 'object' }],
    ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a script', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }],
    ['a fetch of our own page', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
    ['a beacon', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' }],
    ['a prefetch', { ...navigation, 'sec-purpose': 'prefetch' }],
    ['a prerendering', { ...navigation, 'sec-purpose': 'prefetch;prerender' }],
    ['an old prefetch', { purpose: 'prefetch' }],
    ['a prefetch of Firefox', { 'x-moz': 'prefetch' }],
    ['a preview of Safari', { 'x-purpose': 'preview' }],
  ])('opened by %s starts nothing, wherever it comes from', async (_name, headers) => {
    for (const site of ['same-origin', 'same-site', 'cross-site', 'none']) {
      const answer = await link({ 'sec-fetch-site': site, ...headers }, '', 'application/json');
      expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([403, 'not_a_navigation', []]);
    }
  });
});

describe('the page that asks first', () => {
  const foreign = { from: 'https://evil.test/', follow: false } as const;

  test('starts what was asked for, once the person presses its button', async () => {
    const browser = world.newBrowser();
    const page = await browser.navigate('/connect/acme?return_to=/app&organisation_number=123456789', foreign);
    const started = await browser.submit(page);
    expect(started.status).toBe(303);
    expect(started.location?.searchParams.get('organisation_number')).toBe('123456789');
    const finished = await world.open(browser, await world.authorize(started.location ?? new URL('about:blank')));
    expect(withoutId(finished.location)).toBe(`${world.app.url}/app?connected=acme#`);
  });

  test('asks for consent again where the link did', async () => {
    const browser = world.newBrowser();
    const page = await browser.navigate('/connect/books?reconsent=1', foreign);
    expect((await browser.submit(page)).location?.searchParams.get('prompt')).toBe('consent');
  });

  test('holds nothing but what may be passed on, and its form is worth nothing in another browser', async () => {
    const browser = world.newBrowser();
    const page = await browser.navigate('/connect/acme?organisation_number=123456789&client_id=evil', foreign);
    const [form] = parseForms(page.text);
    expect(form?.fields.map(([name]) => name).sort()).toEqual(['csrf_token', 'organisation_number', 'return_to']);
    const other = world.newBrowser();
    await other.navigate('/');
    const answer = await other.submit(page, { headers: { accept: 'application/json' } });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'csrf_required']);
    expect(attempts(answer.setCookies)).toEqual([]);
  });

  test('cannot be framed or made to post elsewhere', async () => {
    const page = await world.newBrowser().navigate('/connect/acme', foreign);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/form-action 'self'/);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
  });

  test('is not shown for what is refused anyway', async () => {
    const browser = world.newBrowser();
    const target = await browser.navigate('/connect/acme?return_to=//evil.test', foreign);
    const parameter = await browser.navigate('/connect/acme?organisation_number=x', foreign);
    expect([target.status, parameter.status]).toEqual([400, 400]);
    expect(target.text).not.toContain('evil.test');
  });
});

describe('a start by POST', () => {
  test.each([
    ['another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
    ['a sandboxed frame', { origin: 'null' }, 'origin_not_allowed'],
    ['a sibling nobody allowed', { origin: 'http://x.localhost', 'sec-fetch-site': 'same-site' }, 'origin_not_allowed'],
    ['another site that hides its origin', { 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
    ['a program without the header', {}, 'csrf_required'],
  ])('from %s is refused', async (_name, headers, code) => {
    const proof: Record<string, string> = code === 'csrf_required' ? {} : { 'x-csrf': '1' };
    const answer = await world
      .newBrowser()
      .post('/connect/acme', { form: {}, accept: 'application/json', headers: { ...headers, ...proof } });
    expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([403, code, []]);
  });

  test('from an allowed origin is answered with its address and CORS headers', async () => {
    const answer = await world.newBrowser().post('/connect/acme', {
      json: {},
      accept: 'application/json',
      headers: { 'x-csrf': '1', origin: sibling, 'sec-fetch-site': 'same-site' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(sibling);
    expect(answer.headers['access-control-allow-credentials']).toBe('true');
  });
});
