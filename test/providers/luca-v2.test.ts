import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { spoken, startProviderWorld, type ProviderWorld } from './provider-world.js';

const id = 'luca-v2';
let world: ProviderWorld;
beforeAll(async () => {
  world = await startProviderWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const companies = (browser: Browser) =>
  browser.api.post(`/proxy/${id}/api/v1/graphql`, { json: { query: '{ companies { nodes { id name } } }' } });

test('connects by published metadata, with state, PKCE and the issuer in the answer', async () => {
  const browser = world.newBrowser();
  const { callbackUrl, authorizationUrl } = await world.connect(browser, id);
  expect(callbackUrl?.searchParams.get('iss')).toBe(`${world.sandboxUrl}/luca-v2`);
  expect(authorizationUrl?.searchParams.get('code_challenge_method')).toBe('S256');
  expect(await world.state(browser, id)).toMatchObject({ status: 'connected', access: { refreshable: true } });
});

test.each(['wrong', 'missing'])(
  'an answer with a %s issuer connects nothing and spends no code',
  async (callback_iss) => {
    await world.faults(id, { callback_iss });
    const { token } = await world.calls(id);
    expect(world.outcome(await world.connect(world.newBrowser(), id))).toBe('issuer_mismatch');
    expect((await world.calls(id))['token']).toBe(token);
  },
);

test('renews with rotation, many calls at a time by one refresh, and no replay kills the authorization', async () => {
  const browser = await world.connected(id);
  for (let hour = 0; hour < 3; hour += 1) {
    world.app.forward(3590);
    const answers = await Promise.all(Array.from({ length: 8 }, () => companies(browser)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  }
  expect((await world.calls(id))['refresh']).toBe(3);
  expect((await world.state(browser, id)).last_refresh?.result).toBe('rotated');
});

test.each(['plain', 'errors_in_200'])(
  'a refused token (%s) is renewed once, and the call repeated',
  async (graphql_401) => {
    await world.faults(id, { graphql_401 });
    const browser = await world.connected(id);
    await world.faults(id, { expired: true });
    await browser.api.post(`/api/connections/${id}/refresh`);
    await world.faults(id, { expired: false });
    const { refresh = 0 } = await world.calls(id);
    const answer = await companies(browser);
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"companies"')]);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect((await world.calls(id))['refresh']).toBe(refresh + 1);
  },
);

test('an authorization that was ended at the provider asks for a new connection', async () => {
  const browser = await world.connected(id);
  await world.revoke(id);
  expect(spoken(await companies(browser))).toEqual([401, 'reauth_required']);
  expect((await world.state(browser, id)).status).toBe('reauth_required');
});

test('a renewed secret ends nothing', async () => {
  const browser = await world.connected(id);
  world.app.forward(3600);
  await world.faults(id, { other_secret: true });
  expect(spoken(await companies(browser))).toEqual([502, 'provider_misconfigured']);
  await world.faults(id, { other_secret: false });
  world.app.forward(60);
  expect((await companies(browser)).status).toBe(200);
});

test('disconnecting revokes the refresh token', async () => {
  const browser = await world.connected(id);
  const { revoke = 0 } = await world.calls(id);
  expect((await browser.api.delete(`/api/connections/${id}`)).json).toEqual({ provider: id, revocation: 'revoked' });
  expect((await world.calls(id))['revoke']).toBe(revoke + 1);
});
