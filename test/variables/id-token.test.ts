import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startWorld, type World } from '../world/world.js';

let world: World;
beforeAll(async () => {
  const variables = { tenant: { from: 'id_token', pointer: '/tid', pattern: '[0-9a-f-]{4,36}', public: true } };
  world = await startWorld({ provider: { more: { variables } } });
});
afterAll(() => world.close());
beforeEach(() => world.server.reset());

/** The ID token names this tenant, at the sign-in and at a refresh. */
function tenants(first: unknown, later: unknown = first): void {
  world.server.bend.idToken = {
    claims: (_claims, { grantType }) => ({ tid: grantType === 'refresh_token' ? later : first }),
  };
}
const shown = async () =>
  ((await world.browser.api.get('/api/connections/acme')).json as { variables: unknown }).variables;

test('the verified ID token says the value, and the same one renews', async () => {
  tenants('0a-1b');
  await world.connect();
  expect(await shown()).toEqual({ tenant: '0a-1b' });
  expect((await world.browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
  expect(await shown()).toEqual({ tenant: '0a-1b' });
});

test.each(['NOT-A-TENANT', '../x', 7, { a: 1 }, ['0a-1b']])('%j is no tenant: nothing is connected', async (tid) => {
  tenants(tid);
  const { finalUrl } = await world.connect({ browser: world.browser });
  expect(finalUrl.searchParams.get('connect_error')).toBe('upstream_invalid_response');
});

test('a forged ID token says nothing', async () => {
  world.server.bend.idToken = { signature: 'broken', claims: { tid: '0a-1b' } };
  const { finalUrl } = await world.connect();
  expect(finalUrl.searchParams.get('connect_error')).toBe('id_token_invalid');
});

test('another tenant at a renewal is another account', async () => {
  tenants('0a-1b', '0a-2c');
  await world.connect();
  const { status, json } = await world.browser.api.post('/api/connections/acme/refresh');
  expect([status, json]).toEqual([
    401,
    expect.objectContaining({ code: 'reauth_required', reason: 'account_changed' }),
  ]);
});
