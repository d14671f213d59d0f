import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jsonReply, type Reply } from '../world/reply.js';
import { startDialects, type DialectWorld, type Heard } from './dialect-world.js';

const onToken = (reply: (count: number) => Reply) => (heard: Heard, count: number) =>
  heard.path === '/token' ? reply(count) : undefined;
const lasting = (seconds: number) => (count: number) =>
  jsonReply({ access_token: `access-${count}`, refresh_token: `refresh-${count}`, expires_in: seconds });

let world: DialectWorld;
beforeAll(async () => {
  world = await startDialects({
    nested: {
      file: {
        scopes: ['read', 'write'],
        token: {
          bearer_types: ['user'],
          answer: {
            access_token: '/data/access_token',
            refresh_token: '/data/refresh/token',
            scope: '/data/scopes',
            token_type: '/data/kind',
            expires_at: '/data/ends',
            expires_in: { pointer: '/data/minutes', unit: 'minutes' },
          },
        },
      },
      answer: onToken((count) =>
        jsonReply({
          code: 0,
          data: {
            access_token: `access-${count}`,
            refresh: { token: `refresh-${count}` },
            scopes: ['read'],
            kind: 'user',
            minutes: 30,
            ends: new Date(world.app.now() + 1_200_000).toISOString(),
          },
        }),
      ),
    },
    refused: {
      file: { token: { answer: { access_token: '/data/access_token' } } },
      answer: onToken(() => jsonReply({ access_token: 'not-this-one', error: 'invalid_grant' })),
    },
    endless: {
      file: { token: { default_lifetime: 'never' } },
      answer: onToken((count) => jsonReply({ access_token: `access-${count}` })),
    },
    zero: {
      file: { token: { answer: { expires_in: { zero: 'never' } } } },
      answer: onToken((count) => jsonReply({ access_token: `access-${count}`, expires_in: null })),
    },
    early: { file: { token: { renew_before: 1200 } }, answer: onToken(lasting(3600)) },
    half: { file: { token: { renew_before: 100_000 } }, answer: onToken(lasting(3600)) },
    late: { file: { token: { renew_before: 5 } }, answer: onToken(lasting(3600)) },
    ends: {
      file: { token: { refresh_max_days: 30, refresh_idle_days: 0.5, warn_before: 86_400 } },
      answer: onToken(lasting(60 * 86_400)),
    },
  });
});
afterAll(() => world.close());

const calls = (id: string) => world.heard(id, '/token').length;

test('the members of a token response stand where the file says, also those of a refresh', async () => {
  const browser = await world.connected('nested');
  const { access, scopes } = await world.state(browser, 'nested');
  expect(access).toMatchObject({ source: 'expires_at', refreshable: true });
  expect(Math.abs((access?.expires_in ?? 0) - 1200)).toBeLessThan(5);
  expect(scopes).toEqual({ granted: ['read'], missing: ['write'] });
  await browser.api.post('/api/connections/nested/refresh');
  expect((await browser.api.get('/proxy/nested/items')).status).toBe(200);
  expect(world.heard('nested', '/token').at(-1)?.sent['refresh_token']).toBe('refresh-2');
  expect(world.heard('nested', '/api/items').at(-1)?.headers['authorization']).toBe('Bearer access-3');
});

test('an access token in another place than the file says is none', async () => {
  const { finalUrl } = await world.journey('refused');
  expect(finalUrl.searchParams.get('connect_error')).toBe('code_exchange_rejected');
});

test.each(['endless', 'zero'])('%s: a token without an end is used for good, and nothing warns of it', async (id) => {
  const browser = await world.connected(id);
  world.app.forward(3 * 86_400);
  expect(await world.state(browser, id)).toMatchObject({
    status: 'connected',
    access: { expires_at: null, expires_in: null, refreshable: false },
  });
  expect((await browser.api.get(`/proxy/${id}/items`)).status).toBe(200);
  expect(calls(id)).toBe(1);
});

test.each([
  ['early', 2300, 200],
  ['half', 1700, 200],
  ['late', 3585, 12],
])('%s: the token is renewed as long before its end as the file says', async (id, before, more) => {
  const browser = await world.connected(id);
  world.app.forward(before);
  expect((await browser.api.get(`/proxy/${id}/items`)).status).toBe(200);
  expect(calls(id)).toBe(1);
  world.app.forward(more);
  expect((await browser.api.get(`/proxy/${id}/items`)).status).toBe(200);
  expect(calls(id)).toBe(2);
});

test('a grant that ends whatever is done is told of before', async () => {
  const browser = await world.connected('ends');
  world.app.forward(5 * 86_400);
  expect((await world.state(browser, 'ends')).status).toBe('connected');
  await browser.api.post('/api/connections/ends/refresh');
  for (let days = 0; days < 24; days += 4) {
    world.app.forward(4 * 86_400);
    await browser.api.get('/proxy/ends/items');
  }
  expect((await world.state(browser, 'ends')).status).toBe('expiring');
  const page = (await browser.navigate('/connections/ends')).text;
  expect(page).toContain('ends soon, and no refresh prolongs it');
  expect((await browser.api.get('/proxy/ends/items')).status).toBe(200);
});
