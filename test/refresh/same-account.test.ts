import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { jsonReply } from '../world/reply.js';
import { problemOf, startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

beforeAll(async () => {
  const organizations = { request: { path: '/organizations' }, id: 'id', name: ['name'], header: 'X-Org' };
  world = await startRefreshWorld({
    providers: {
      acme: { more: { organizations } },
      asked: { more: { confirm: 'always' } },
      mailed: { more: { account: { source: 'id_token', subject: 'email', label: ['name'] } } },
      numbered: { more: { account: { source: 'id_token', subject: 'realmid', label: ['email'] } } },
    },
  });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const call = (browser: Browser, provider = 'acme') => browser.api.get(`/proxy/${provider}/invoices`);
const lastRefreshToken = () =>
  world.server.tokenCalls.findLast(({ grantType }) => grantType === 'refresh_token')?.parameters.get('refresh_token');

/** As a server does that gives a refresh token at the first consent alone. */
const secondTime = { on: 'authorization_code' as const, body: { refresh_token: undefined } };

describe('signing in again as the same account, with a response that has no refresh token', () => {
  test.each(['acme', 'asked'])('keeps the stored one at %s', async (provider) => {
    const browser = await world.connected(provider);
    world.server.bend.token = secondTime;
    await connect(browser, provider);
    expect((await world.state(browser, provider)).access?.refreshable).toBe(true);
    world.server.bend = {};
    world.forward(3_600);
    expect((await call(browser, provider)).status).toBe(200);
    world.forward(3_600);
    expect((await call(browser, provider)).status).toBe(200);
    expect(world.refreshes()).toBe(2);
  });

  test('keeps the one that a refresh in between has rotated', async () => {
    const browser = await world.connected('asked');
    world.server.bend.token = secondTime;
    await connect(browser, 'asked', { stopAt: 'confirm' });
    world.server.bend = {};
    expect((await browser.api.post('/api/connections/asked/refresh')).status).toBe(200);
    const spent = lastRefreshToken();
    expect((await browser.api.post('/connect/asked/confirm', { json: { decision: 'confirm' } })).status).toBe(303);
    world.forward(3_600);
    expect((await call(browser, 'asked')).status).toBe(200);
    expect(lastRefreshToken()).not.toBe(spent);
  });

  test('takes in the tokens of a refresh that was under way', async () => {
    const browser = await world.connected();
    let letOn: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (letOn = resolve));
    let arrived: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (arrived = resolve));
    world.server.bend.token = [
      {
        on: 'refresh_token',
        times: 1,
        get wait() {
          arrived();
          return released;
        },
      },
      secondTime,
    ];
    const refreshing = browser.api.post('/api/connections/acme/refresh');
    await asked;
    await connect(browser, 'acme');
    letOn();
    expect((await refreshing).status).toBe(200);
    world.server.bend = {};
    world.forward(3_600);
    expect((await call(browser)).status).toBe(200);
    expect(world.server.revocations).toHaveLength(0);
  });

  test('does not keep that of another account', async () => {
    const { person } = world.server;
    const browser = await world.connected();
    world.server.bend.token = secondTime;
    world.server.person = { ...person, sub: 'person-2' };
    try {
      await connect(browser, 'acme');
    } finally {
      world.server.person = person;
    }
    expect((await world.state(browser)).access?.refreshable).toBe(false);
  });

  test('does not keep one that was granted less', async () => {
    world.server.bend.token = { on: 'authorization_code', body: { scope: 'openid profile offline_access' } };
    const browser = await world.connected();
    world.server.bend.token = { ...secondTime, body: { refresh_token: undefined, scope: 'openid profile email' } };
    await connect(browser, 'acme');
    expect((await world.state(browser)).access?.refreshable).toBe(false);
  });

  test('does not keep one whose grant is over', async () => {
    const browser = await world.connected();
    world.server.grants.endAll();
    world.forward(3_600);
    expect((await call(browser)).status).toBe(401);
    world.server.bend.token = secondTime;
    await connect(browser, 'acme');
    expect((await world.state(browser)).access?.refreshable).toBe(false);
    expect((await call(browser)).status).toBe(200);
  });

  test('keeps the label and the organization that the response does not name', async () => {
    const browser = await world.connected('mailed');
    world.server.bend.idToken = { claims: { name: undefined } };
    await connect(browser, 'mailed');
    const state = (await browser.api.get('/api/connections/mailed')).json as { account: object };
    expect(state.account).toEqual({ subject: 'jo@example.test', label: 'Jo Test' });
    const chosen = await world.connected();
    world.upstream.answer('/v1/organizations', jsonReply([{ id: 'o1', name: 'One' }]));
    await chosen.api.put('/api/connections/acme/organization', { json: { id: 'o1' } });
    await connect(chosen, 'acme');
    expect((await world.state(chosen)).organization).toMatchObject({ id: 'o1' });
  });
});

describe('an account that the file names by another claim than sub', () => {
  const realm = (realmid: string) => ({ claims: { realmid } });

  test.each(['mailed', 'numbered'])('is the same after a refresh that brings an ID token, at %s', async (provider) => {
    world.server.bend.idToken = realm('9007199254740993');
    const browser = await world.connected(provider);
    for (let round = 1; round <= 2; round += 1) {
      world.forward(3_600);
      expect((await call(browser, provider)).status).toBe(200);
      expect(world.refreshes()).toBe(round);
    }
    expect((await world.state(browser, provider)).status).toBe('connected');
  });

  test('is another one where that claim has changed', async () => {
    world.server.bend.idToken = realm('1');
    const browser = await world.connected('numbered');
    world.server.bend.idToken = realm('2');
    world.forward(3_600);
    expect(problemOf(await call(browser, 'numbered'))).toMatchObject({ status: 401, code: 'reauth_required' });
    expect(world.upstream.requests).toHaveLength(0);
  });

  test('may be left out of the ID token of a refresh', async () => {
    world.server.bend.idToken = realm('1');
    const browser = await world.connected('numbered');
    world.server.bend.idToken = { claims: { realmid: undefined } };
    world.forward(3_600);
    expect((await call(browser, 'numbered')).status).toBe(200);
  });
});

describe('the ID token of a refresh (OpenID Connect Core 12.2)', () => {
  test.each([
    ['another issuer', { iss: 'https://another.test' }],
    ['another subject', { sub: 'somebody-else' }],
    ['another audience', { aud: 'another-client' }],
    ['no audience', { aud: undefined }],
    ['another authorized party', { azp: 'another-client' }],
  ])('with %s ends the connection', async (_name, claims) => {
    const browser = await world.connected();
    const before = world.upstream.requests.length;
    world.server.bend.idToken = { claims };
    world.forward(3_600);
    expect(problemOf(await call(browser))).toMatchObject({ status: 401, code: 'reauth_required' });
    expect(world.upstream.requests).toHaveLength(before);
  });

  test.each<[string, Record<string, unknown>]>([
    ['several audiences, ours among them', { aud: ['gatehouse-test', 'another'], azp: 'gatehouse-test' }],
    ['no nonce and another time', { nonce: undefined, iat: 1, exp: 2 }],
  ])('with %s is taken', async (_name, claims) => {
    const browser = await world.connected();
    world.server.bend.idToken = { claims };
    world.forward(3_600);
    expect((await call(browser)).status).toBe(200);
  });
});
