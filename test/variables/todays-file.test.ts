import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { listen, type Listening } from '../world/listen.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startRedis, type RedisServer } from '../world/redis.js';

/** A provider that takes every token, and the requests that reach it. */
let provider: Listening;
const heard: string[] = [];
let redis: RedisServer;
let env: Record<string, string>;
beforeAll(async () => {
  redis = await startRedis();
  provider = await listen((req, res) => {
    const url = new URL(req.url ?? '', provider.origin);
    heard.push(`${req.headers.host ?? ''}${url.pathname}`);
    if (url.pathname.startsWith('/authorize')) {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      back.searchParams.set('code', 'c');
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      res.writeHead(302, { location: back.href }).end();
      return;
    }
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ access_token: 'a', refresh_token: 'r', token_type: 'bearer', expires_in: 3600 }));
  });
  env = await testEnvironment({ REDIS_URL: redis.url, ACME_CLIENT_ID: 'c', ACME_CLIENT_SECRET: 's' });
});
afterAll(async () => {
  await Promise.all([redis.stop(), provider.close()]);
});

let directory: ProvidersDirectory;
let app: App;
let browser: Browser;
/** The server with this file, over the store that is there. */
async function start(file: Record<string, unknown>): Promise<void> {
  const whole = { id: 'acme', endpoints: { authorization: 'SERVER/authorize', token: 'SERVER/token' }, ...file };
  const text = stringify(whole)
    .replaceAll('SERVER', provider.origin)
    .replaceAll('HERE', new URL(provider.origin).host)
    .replaceAll('OTHER', `localhost:${provider.port}`);
  directory = await createProvidersDirectory({ acme: text });
  app = await startApp({ ...env, PROVIDERS_DIR: directory.path });
}
async function restart(file: Record<string, unknown>): Promise<void> {
  await stop();
  await start(file);
}
const stop = async (): Promise<void> => {
  await app.close();
  await directory.remove();
};
beforeEach(() => {
  browser = createBrowser(`http://localhost:${env['PORT'] ?? ''}`);
});
afterEach(stop);

const shop = (pattern: string) => ({ from: 'caller', pattern, public: true });
const withShop = (pattern: string) => ({
  variables: { shop: shop(pattern) },
  api: { base_url: 'SERVER/{shop}/v1', examples: [] },
});
/** The status of a call, and whether it reached the provider. */
async function call(): Promise<[number, number]> {
  heard.length = 0;
  const { status } = await browser.api.get('/proxy/acme/x');
  return [status, heard.length];
}

test('a stored value is used as long as the file takes it, also after a restart', async () => {
  await start(withShop('[a-z]+'));
  await connect(browser, 'acme', { query: { shop: 'mine' } });
  await restart(withShop('[a-z]{1,8}'));
  expect(await call()).toEqual([200, 1]);
  expect(heard).toEqual([`127.0.0.1:${provider.port}/mine/v1/x`]);
});

test('a value that the file takes no longer leads nowhere: connect again', async () => {
  await start(withShop('[a-z]+'));
  await connect(browser, 'acme', { query: { shop: 'mine' } });
  await restart(withShop('[0-9]+'));
  expect(await call()).toEqual([401, 0]);
  const { json } = await browser.api.get('/api/connections/acme');
  expect(json).toMatchObject({ status: 'reauth_required' });
  expect((await browser.api.delete('/api/connections/acme')).status).toBe(200);
  expect(heard).toEqual([]);
});

test('a call never goes without the header that its value should stand in', async () => {
  const file = (pattern: string) => ({
    variables: { shop: shop(pattern) },
    api: { base_url: 'SERVER/v1', headers: { 'X-Shop': '{shop}' } },
  });
  await start(file('[a-z]+'));
  await connect(browser, 'acme', { query: { shop: 'mine' } });
  expect(await call()).toEqual([200, 1]);
  await restart(file('[0-9]+'));
  expect(await call()).toEqual([401, 0]);
});

test('a connection that was made before the file had a variable has its default, if that leads to the same servers', async () => {
  await start({ api: { base_url: 'http://HERE/v1' } });
  await connect(browser, 'acme');
  const country = { from: 'caller', values: { nl: 'HERE', uk: 'OTHER' }, default: 'nl' };
  await restart({ variables: { country }, api: { base_url: 'https://{country}/v1' } });
  expect(await call()).toEqual([200, 1]);
  await restart({ variables: { country: { ...country, default: 'uk' } }, api: { base_url: 'https://{country}/v1' } });
  expect(await call()).toEqual([401, 0]);
  await restart({
    variables: { country: { from: 'caller', values: { nl: 'HERE' } } },
    api: { base_url: 'https://{country}/v1' },
  });
  expect(await call()).toEqual([401, 0]);
});

test('a listed value that stands for another host now gets no token', async () => {
  const file = (host: string) => ({
    variables: { country: { from: 'caller', values: { nl: host } } },
    endpoints: { authorization: 'SERVER/authorize', token: 'https://{country}/token' },
    api: { base_url: 'SERVER/v1' },
  });
  await start(file('HERE'));
  await connect(browser, 'acme', { query: { country: 'nl' } });
  expect(await call()).toEqual([200, 1]);
  await restart(file('OTHER'));
  expect(await call()).toEqual([401, 0]);
});

test('a sign-in that was begun by another file is not finished at another host', async () => {
  const file = (host: string) => ({
    variables: { country: { from: 'caller', values: { nl: host } } },
    endpoints: { authorization: 'SERVER/authorize', token: 'https://{country}/token' },
    api: { base_url: 'SERVER/v1' },
  });
  await start(file('HERE'));
  const { callbackUrl } = await connect(browser, 'acme', { query: { country: 'nl' }, stopAt: 'callback' });
  await restart(file('OTHER'));
  heard.length = 0;
  const answer = await browser.navigate(callbackUrl ?? new URL('http://x'), { follow: false });
  expect(answer.location?.searchParams.get('connect_error')).toBe('state_unknown');
  expect(heard).toEqual([]);
});
