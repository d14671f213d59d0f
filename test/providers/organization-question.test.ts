import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect, type JourneyOptions } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { jsonReply } from '../world/reply.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import { withoutId } from '../world/without-id.js';

const vik = { id: 'o-1', name: 'Vik AS' };
const berg = { id: 'o-2', name: 'Berg & <b>Dal</b>' };
let server: MisbehavingServer;
let upstream: Upstream;
let directory: ProvidersDirectory;
let app: App;

beforeAll(async () => {
  [server, upstream] = await Promise.all([startMisbehaving(), startUpstream()]);
  const organizations = { request: { path: '/organizations' }, id: 'id', name: ['name'], header: 'X-Organization' };
  const file = (id: string, more: object) =>
    server.providerFile({
      id,
      more: { api: { base_url: upstream.origin }, organizations: { ...organizations, ...more } },
    });
  directory = await createProvidersDirectory({
    free: file('free', {}),
    bound: file('bound', { required: true }),
  });
  app = await startApp({
    PROVIDERS_DIR: directory.path,
    ...server.environment('free'),
    ...server.environment('bound'),
  });
}, 60_000);
afterAll(async () => {
  await app.close();
  await Promise.all([server.close(), upstream.close(), directory.remove()]);
});
beforeEach(() => {
  upstream.reset();
  upstream.answer('/things', jsonReply([]));
  lists(vik, berg);
});

const lists = (...organizations: object[]) => upstream.answer('/organizations', jsonReply(organizations));
const visit = () => createBrowser(app.url);
const stateOf = async (browser: Browser, provider: string) =>
  (JSON.parse((await browser.api.get(`/api/connections/${provider}`)).text) as { organization: unknown }).organization;
const onTheWay = (browser: Browser, provider: string, options: JourneyOptions = {}) =>
  connect(browser, provider, { query: { return_to: '/app?tab=1' }, ...options });
const isAsked = ({ pages }: Awaited<ReturnType<typeof connect>>) =>
  pages.some(({ url }) => url.pathname.endsWith('/organization'));
/** Where the way back ends; an empty fragment keeps out what a provider wrote there. */
const withoutEmptyFragment = (url: URL) => withoutId(url).replace(/#$/, '');

const home = (provider: string) => `${app.url}/app?tab=1&connected=${provider}`;

describe('a person who belongs to more than one place', () => {
  test('is asked on the way back, and calls are made for what was chosen', async () => {
    const browser = visit();
    const journey = await onTheWay(browser, 'free', { organization: 'o-2' });
    const page = journey.pages.at(-1);
    expect(page?.text).toContain('Berg &amp; &lt;b&gt;Dal&lt;/b&gt;');
    expect(page?.text).toContain('Personal account');
    expect(withoutEmptyFragment(journey.finalUrl)).toBe(home('free'));
    expect(await stateOf(browser, 'free')).toEqual({ ...berg, required: false, chosen: true });
    await browser.api.get('/proxy/free/things');
    expect(upstream.last.headers['x-organization']).toBe('o-2');
    expect(isAsked(await onTheWay(browser, 'free'))).toBe(false);
  });

  test('may choose the personal account, which is a choice', async () => {
    const browser = visit();
    expect(withoutEmptyFragment((await onTheWay(browser, 'free', { organization: '' })).finalUrl)).toBe(home('free'));
    expect(await stateOf(browser, 'free')).toEqual({ id: null, name: null, required: false, chosen: true });
  });

  test('may leave it open, is told so by the API, and is not asked again', async () => {
    const browser = visit();
    const journey = await onTheWay(browser, 'free');
    expect([isAsked(journey), withoutEmptyFragment(journey.finalUrl)]).toEqual([true, home('free')]);
    const open = { id: null, name: null, required: false, chosen: false };
    expect(await stateOf(browser, 'free')).toEqual(open);
    expect((await browser.api.get('/proxy/free/things')).status).toBe(200);
    const again = await onTheWay(browser, 'free');
    expect([isAsked(again), withoutEmptyFragment(again.finalUrl)]).toEqual([false, home('free')]);
    expect(await stateOf(browser, 'free')).toEqual(open);
    await browser.api.put('/api/connections/free/organization', { json: { id: 'o-1' } });
    expect(await stateOf(browser, 'free')).toEqual({ ...vik, required: false, chosen: true });
  });

  test('cannot leave it open where the provider demands a choice', async () => {
    const browser = visit();
    const journey = await onTheWay(browser, 'bound', { stopAt: 'organization' });
    expect(journey.final.text).not.toContain('value="skip"');
    expect(journey.final.text).not.toContain('Personal account');
    const post = (form: Record<string, string>) =>
      browser.post('/connect/bound/organization', { headers: { 'x-csrf': '1' }, form: { return_to: '/', ...form } });
    expect((await post({ decision: 'skip' })).status).toBe(400);
    expect((await post({ organization: '' })).status).toBe(400);
    expect((await post({ organization: 'o-3' })).status).toBe(400);
    expect(await stateOf(browser, 'bound')).toMatchObject({ chosen: false });
    expect((await post({ organization: 'o-1' })).status).toBe(303);
    expect(await stateOf(browser, 'bound')).toEqual({ ...vik, required: true, chosen: true });
  });

  test('reads the question in Norwegian, too', async () => {
    const journey = await onTheWay(visit(), 'free', { stopAt: 'organization', headers: { 'accept-language': 'nb' } });
    expect(journey.final.text).toMatch(/<html lang="nb"[^]*For hvilken organisasjon\?[^]*Ikke nå/);
  });
});

describe('nothing is asked', () => {
  test('where there is no organization besides the personal account', async () => {
    lists();
    const browser = visit();
    const journey = await onTheWay(browser, 'free');
    expect([isAsked(journey), withoutEmptyFragment(journey.finalUrl)]).toEqual([false, home('free')]);
    expect(await stateOf(browser, 'free')).toMatchObject({ chosen: false });
  });

  test('where a choice is demanded and there is one only: it is chosen, and the page says which', async () => {
    lists(vik);
    const browser = visit();
    const journey = await connect(browser, 'bound');
    expect(isAsked(journey)).toBe(false);
    expect(await stateOf(browser, 'bound')).toEqual({ ...vik, required: true, chosen: true });
    expect((await browser.navigate(journey.finalUrl)).text).toContain('Calls are made for Vik AS.');
  });

  test.each([
    ['takes longer than five seconds', { instead: 'hang' as const }],
    ['fails', { status: 500 }],
    ['is no list', { status: 200, body: '{}' }],
  ])(
    'where the list %s',
    async (_what, reply) => {
      upstream.answer('/organizations', reply);
      const journey = await onTheWay(visit(), 'free');
      expect([isAsked(journey), withoutEmptyFragment(journey.finalUrl)]).toEqual([false, home('free')]);
    },
    20_000,
  );
});

test('the page leads nowhere else, and to nobody without a session', async () => {
  const browser = visit();
  await onTheWay(browser, 'free');
  const evil = `/connect/free/organization?${new URLSearchParams({ return_to: 'https://evil.test/' }).toString()}`;
  expect((await browser.navigate(evil)).status).toBe(400);
  expect(
    (await browser.navigate('/connect/free/organization?return_to=/x', { follow: false })).location?.pathname,
  ).toBe('/x');
  expect((await visit().navigate('/connect/free/organization')).status).toBe(401);
});
