import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { jsonReply } from '../world/reply.js';
import { problemOf, startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

const organizations = { request: { path: '/organizations' }, id: 'id', name: ['name'], header: 'X-Org' };

beforeAll(async () => {
  const sessions_with = ['acme:person-1', 'probed:person-1'];
  world = await startRefreshWorld({
    providers: {
      acme: {},
      probed: { api: { auth_probe: { path: '/probe' } }, more: { scopes: ['openid'] } },
      machine: {
        protocol: 'oauth2',
        more: { grant: 'client_credentials', access: { sessions_with }, organizations },
      },
      closed: { protocol: 'oauth2', more: { grant: 'client_credentials', access: 'none', organizations } },
    },
  });
});
afterEach(async () => {
  world.reset();
  await world.redis.cli('flushall');
});
afterAll(() => world.close());

const call = (browser: Browser, provider = 'machine') => browser.api.get(`/proxy/${provider}/invoices`);
const denied = { status: 403, code: 'access_denied' };
const applicationTokens = () => world.server.tokenCallsOf('client_credentials');

describe('`access.sessions_with` believes', () => {
  test('no connection that has ended at the provider', async () => {
    const browser = await world.connected();
    expect((await call(browser)).status).toBe(200);
    world.server.grants.endAll();
    world.forward(301);
    expect(problemOf(await call(browser))).toMatchObject(denied);
    expect((await browser.api.get('/api/connections/machine')).json).toMatchObject({ status: 'not_connected' });
  });

  test('no connection whose token has ended and cannot be refreshed', async () => {
    world.server.bend.token = { on: 'authorization_code', body: { refresh_token: undefined } };
    const browser = await world.connected();
    expect((await call(browser)).status).toBe(200);
    world.forward(3_600);
    expect(problemOf(await call(browser))).toMatchObject(denied);
  });

  test('one that lives, and asks its provider every five minutes and not for each call', async () => {
    const browser = await world.connected();
    for (let minute = 0; minute < 30; minute += 1) {
      expect((await call(browser)).status).toBe(200);
      world.forward(60);
    }
    const asked = world.refreshes() + world.server.calls.userinfo;
    expect(asked).toBeGreaterThanOrEqual(4);
    expect(asked).toBeLessThanOrEqual(7);
  });

  test('one that the test call of its provider accepts, and asks that once for calls at the same time', async () => {
    world.server.bend.token = { on: 'authorization_code', body: { refresh_token: undefined } };
    const browser = await world.connected('probed');
    world.forward(301);
    const probes = () => world.upstream.requests.filter(({ url }) => url === '/v1/probe').length;
    expect(await Promise.all(Array.from({ length: 10 }, async () => (await call(browser)).status))).toEqual(
      Array(10).fill(200),
    );
    expect(probes()).toBe(1);
    world.forward(301);
    world.upstream.answer('/v1/probe', jsonReply({}, 401));
    expect(problemOf(await call(browser))).toMatchObject(denied);
  });

  test('no connection of a provider that is not offered any longer', async () => {
    const browser = await world.connected();
    expect((await call(browser)).status).toBe(200);
    const { ACME_CLIENT_ID: _id, ACME_CLIENT_SECRET: _secret, ...env } = world.env;
    const later: App = await startApp({ ...env, PUBLIC_URL: world.app.url }, world.now);
    try {
      const view = world.at(browser, later.port);
      expect(problemOf(await call(view))).toMatchObject(denied);
    } finally {
      await later.close();
    }
  });
});

describe('a session that may not use the application', () => {
  const paths = ['/proxy/closed/x', '/api/connections/closed/organizations', '/api/connections/machine/organizations'];

  test.each(paths)('gets nothing from %s, and costs no token', async (path) => {
    world.upstream.answer('/v1/organizations', jsonReply([{ id: 'o1', name: 'The operator’s' }]));
    world.server.person.sub = 'person-2';
    try {
      const browser = await world.connected();
      expect(problemOf(await browser.api.get(path))).toMatchObject(denied);
      const chosen = await browser.api.put('/api/connections/closed/organization', { json: { id: 'o1' } });
      expect(problemOf(chosen)).toMatchObject(denied);
      const page = await browser.navigate('/connections/closed');
      expect(page.text).not.toContain('The operator');
    } finally {
      world.server.person.sub = 'person-1';
    }
    expect(applicationTokens()).toBe(0);
    expect(world.upstream.requests).toHaveLength(0);
  });
});

test("a session that may use it lists its organizations, chooses none for all, and never holds the application's token", async () => {
  world.upstream.answer('/v1/organizations', jsonReply([{ id: 'o1', name: 'One' }]));
  const browser = await world.connected();
  const listed = await browser.api.get('/api/connections/machine/organizations');
  expect(listed.json).toEqual({ organizations: [{ id: 'o1', name: 'One' }], selected: null });
  const chosen = await browser.api.put('/api/connections/machine/organization', { json: { id: 'o1' } });
  expect(problemOf(chosen)).toMatchObject(denied);
  const keys = (await world.redis.cli('keys', '*connection:machine')).split('\n');
  expect(keys).toEqual(['gh:{app-machine}:connection:machine']);
  expect(createBrowser(world.app.url).cookies()).toEqual([]);
});
