import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { jsonReply } from '../world/reply.js';
import { startDialects, type DialectWorld, type Heard } from './dialect-world.js';

const day = 86_400;
const answer = (heard: Heard, count: number) => {
  if (heard.path === '/token') return jsonReply({ access_token: `short-${count}`, expires_in: 3600, scope: 'read' });
  if (!['/long', '/renew'].includes(heard.path)) return undefined;
  if (heard.sent['grant_type'] === 'refused')
    return jsonReply({ error: 'odd', error_description: `the value ${heard.sent['access_token']} is bad` }, 400);
  return jsonReply({ access_token: `long-${count}`, token_type: 'bearer', expires_in: 20 * day });
};

let world: DialectWorld;
beforeAll(async () => {
  world = await startDialects({
    same: {
      file: {
        scopes: ['read', 'write'],
        token: {
          exchange: {
            endpoint: 'SERVER/long',
            grant_type: 'fb_exchange_token',
            token_parameter: 'fb_exchange_token',
            parameters: { version: '2' },
          },
        },
        revocation: { ends: 'token' },
      },
      answer,
    },
    other: {
      file: {
        token: {
          renew_before: 30 * day,
          exchange: {
            endpoint: 'SERVER/long',
            method: 'GET',
            grant_type: 'ig_exchange_token',
            renew: { endpoint: 'SERVER/renew', grant_type: 'ig_refresh_token' },
          },
        },
      },
      answer,
    },
    refused: {
      file: { token: { exchange: { endpoint: 'SERVER/long', grant_type: 'refused' } } },
      answer,
    },
  });
});
afterAll(() => world.close());

/** Lets days pass in which the person comes by, so that the session lives. */
async function pass(browser: Browser, days: number): Promise<void> {
  for (let left = days; left > 0; left -= 5) {
    world.app.forward(Math.min(5, left) * day);
    await browser.api.get('/api/session');
  }
}

test('a short token is changed for a long one, and that for a newer one in its last week', async () => {
  const browser = await world.connected('same');
  const [first] = world.heard('same', '/long');
  expect(first?.sent).toMatchObject({
    grant_type: 'fb_exchange_token',
    fb_exchange_token: 'short-2',
    client_id: 'client-of-same',
    client_secret: expect.any(String),
    version: '2',
  });
  const { access, scopes } = await world.state(browser, 'same');
  expect(access?.refreshable).toBe(true);
  expect(scopes).toEqual({ granted: ['read'], missing: ['write'] });

  await pass(browser, 12);
  await browser.api.get('/proxy/same/items');
  expect(world.heard('same', '/long')).toHaveLength(1);
  await pass(browser, 2);
  expect((await browser.api.get('/proxy/same/items')).status).toBe(200);
  expect(world.heard('same', '/long').map(({ sent }) => sent['fb_exchange_token'])).toEqual(['short-2', 'long-3']);
  expect(world.heard('same', '/api/items').at(-1)?.headers['authorization']).toMatch(/^Bearer long-/);
  expect((await world.state(browser, 'same')).last_refresh?.result).toBe('rotated');
  expect(world.heard('same', '/token')).toHaveLength(1);
});

test('renewal by another grant at another address, with GET', async () => {
  const browser = await world.connected('other');
  const [long] = world.heard('other', '/long');
  expect([long?.method, long?.body, long?.query.get('access_token')]).toEqual(['GET', '', 'short-2']);
  await pass(browser, 11);
  await browser.api.get('/proxy/other/items');
  const [renewal] = world.heard('other', '/renew');
  expect([renewal?.method, renewal?.sent]).toEqual([
    'GET',
    expect.objectContaining({ grant_type: 'ig_refresh_token', access_token: 'long-3' }),
  ]);
});

test('disconnecting revokes the access token as such', async () => {
  const browser = await world.connected('same');
  await browser.api.delete('/api/connections/same');
  expect(world.heard('same', '/revoke').at(-1)?.sent).toMatchObject({
    token: expect.stringMatching(/^long-/),
    token_type_hint: 'access_token',
  });
});

test('where the change is refused nothing is connected, and the log has no token', async () => {
  const { finalUrl } = await world.journey('refused');
  expect(finalUrl.searchParams.get('connect_error')).toBe('provider_misconfigured');
  expect(world.app.lines.join('')).toContain('the value');
  for (const token of ['short-2', 'long-3']) expect(world.app.lines.join('')).not.toContain(token);
});
