import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { tokenError } from '../world/misbehaving/token-answer.js';
import { jsonReply } from '../world/reply.js';
import { problemOf, startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

const organizations = { request: { path: '/organizations' }, id: 'id', name: ['name'], header: 'X-Org' };

beforeAll(async () => {
  world = await startRefreshWorld({ apps: 2, providers: { acme: { more: { organizations } } } });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const call = (browser: Browser, path = 'invoices') => browser.api.get(`/proxy/acme/${path}`);

/** As a server does that allows a refresh in the last seconds of a token's life alone. */
const refusesEarly = (error: string, endsAt: number) => ({
  on: 'refresh_token' as const,
  reply: () =>
    world.now() < endsAt ? jsonReply({ error, error_description: 'access_token not expired' }, 400) : undefined,
});

describe('a server that refuses a refresh before the token ends', () => {
  test.each(['access_denied', 'invalid_request', 'not_yet'])(
    'with %s keeps its token in use, and is asked again after the end',
    async (error) => {
      world.server.bend.token = { on: 'authorization_code', body: { expires_in: 600 } };
      const browser = await world.connected();
      world.server.bend.token = refusesEarly(error, world.now() + 600_000);
      world.forward(560);
      for (let count = 0; count < 5; count += 1) expect((await call(browser)).status).toBe(200);
      expect(world.refreshes()).toBe(1);
      expect((await world.state(browser)).status).toBe('connected');
      world.forward(60);
      expect((await call(browser)).status).toBe(200);
      expect(world.refreshes()).toBe(2);
    },
  );

  test('is not believed either when a person asks for the refresh', async () => {
    const browser = await world.connected();
    world.server.bend.token = { ...tokenError('access_denied'), on: 'refresh_token' };
    expect(problemOf(await browser.api.post('/api/connections/acme/refresh'))).toMatchObject({
      status: 503,
      code: 'refresh_unavailable',
    });
    expect((await call(browser)).status).toBe(200);
    expect((await world.state(browser)).status).toBe('connected');
  });

  test('is believed when it still refuses after the end', async () => {
    const browser = await world.connected();
    world.server.bend.token = { ...tokenError('access_denied'), on: 'refresh_token' };
    world.forward(3_570);
    expect((await call(browser)).status).toBe(200);
    world.forward(100);
    expect(problemOf(await call(browser))).toMatchObject({ status: 401, code: 'reauth_required' });
    expect(world.refreshes()).toBe(2);
  });

  test('is not believed over a token that lived when the refresh was sent', async () => {
    const browser = await world.connected();
    world.forward(3_595);
    world.server.bend.token = {
      on: 'refresh_token',
      times: 1,
      reply: () => {
        world.forward(10);
        return jsonReply({ error: 'access_denied' }, 400);
      },
    };
    await call(browser);
    world.server.bend = {};
    world.forward(5);
    expect((await call(browser)).status).toBe(200);
  });
});

describe('an API that rejects a token where it means "not permitted"', () => {
  const closed = () => world.upstream.answer('/v1/closed', jsonReply({ error: 'not permitted' }, 401));
  const views = (browser: Browser) => world.apps.map(({ port }) => world.at(browser, port));

  test('costs one refresh in a minute, however its calls and others mix, over two processes', async () => {
    const browser = await world.connected();
    closed();
    for (let load = 0; load < 20; load += 1) {
      const view = views(browser)[load % 2] ?? browser;
      const paths = load % 3 === 0 ? ['closed', 'invoices'] : ['invoices', 'closed', 'items'];
      if (load % 2 === 0) await Promise.all(paths.map((path) => call(view, path)));
      else for (const path of paths) await call(view, path);
    }
    expect(world.refreshes()).toBe(1);
    expect((await call(browser)).status).toBe(200);
  });

  test('costs fewer and fewer refreshes in an hour', async () => {
    const browser = await world.connected();
    closed();
    for (let minute = 0; minute < 40; minute += 1) {
      await call(browser);
      await call(browser, 'closed');
      world.forward(60);
    }
    expect(world.refreshes()).toBeLessThanOrEqual(6);
  });

  test('costs no refresh for each list of organizations', async () => {
    const browser = await world.connected();
    world.upstream.answer('/v1/organizations', jsonReply({ error: 'not permitted' }, 401));
    for (let count = 0; count < 10; count += 1) {
      expect((await browser.api.get('/api/connections/acme/organizations')).status).toBe(403);
      expect((await call(browser)).status).toBe(200);
    }
    expect(world.refreshes()).toBe(1);
  });

  test('costs few refreshes for uploads that cannot be sent again', async () => {
    const browser = await world.connected();
    closed();
    for (let count = 0; count < 12; count += 1) {
      await browser.api.post('/proxy/acme/closed', { body: Buffer.alloc(100_000) });
      await call(browser);
    }
    expect(world.refreshes()).toBeLessThanOrEqual(3);
  });
});
