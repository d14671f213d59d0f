import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startOwnFiles, type OwnFilesWorld } from './own-files.js';
import { spoken, startProviderWorld, type ProviderWorld } from './provider-world.js';

const id = 'financefeast';
const day = 86_400;
let world: ProviderWorld;
beforeAll(async () => {
  // Sessions live longer than its tokens, so that a token's own end shows.
  world = await startProviderWorld({ env: { SESSION_IDLE_SECONDS: '1209600' } });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const prices = (browser: Browser, ticker = 'air.nz') => browser.api.get(`/proxy/${id}/data/eod?ticker=${ticker}`);

describe('connect', () => {
  test('a token without ID token and refresh token is a connection of ten days', async () => {
    const browser = world.newBrowser();
    const { authorizationUrl } = await world.connect(browser, id);
    expect(authorizationUrl?.searchParams.get('nonce')).toMatch(/^[\w-]{43}$/);
    const state = await world.state(browser, id);
    expect(state).toMatchObject({ status: 'connected', access: { refreshable: false }, scopes: { missing: [] } });
    expect(state.access?.expires_in).toBeGreaterThan(10 * day - 10);
  });

  test('every start sends a nonce of its own', async () => {
    const browser = world.newBrowser();
    for (let time = 0; time < 3; time += 1)
      expect(world.outcome(await world.connect(browser, id))).toBe(`connected=${id}`);
  });

  test.each([
    ['number', true, 'expires_in'],
    ['number', false, 'expires_in'],
    ['absent', true, 'expires_at'],
    ['absent', false, 'default'],
  ])('with expires_in %s and expires_at %s the end is known from %s', async (expires_in, expires_at, source) => {
    await world.faults(id, { expires_in, expires_at });
    const { access } = await world.state(await world.connected(id), id);
    expect(access?.source).toBe(source);
    expect(Math.abs((access?.expires_in ?? 0) - 10 * day)).toBeLessThan(10);
  });

  test.each(['normal', 'wrong_nonce', 'hs256', 'wrong_key'])(
    'an ID token (%s) of a server whose keys nobody told proves nothing and hinders nothing',
    async (id_token) => {
      await world.faults(id, { id_token });
      const browser = await world.connected(id);
      expect((await world.state(browser, id)).account).toEqual({ subject: null, label: null });
    },
  );

  test('a client that awaits approval is explained to the operator', async () => {
    const browser = world.newBrowser();
    const { callbackUrl } = await world.connect(browser, id, { stopAt: 'callback' });
    await world.faults(id, { approval_pending: true });
    const answer = await browser.navigate(callbackUrl ?? '', { from: world.sandboxUrl, follow: false });
    expect(answer.location?.searchParams.get('connect_error')).toBe('provider_misconfigured');
    expect(world.logged('connect.failed').at(-1)?.['hint']).toContain('partnership@financefeast.io');
    const setup = await browser.navigate(`/setup/${id}`);
    expect(setup.text).toContain('approved');
    await world.faults(id, { approval_pending: true });
    const { location } = await browser.navigate(`/connect/${id}`, { from: browser.base, follow: false });
    expect((await browser.navigate(location ?? '')).status).toBe(403);
  });

  test('a client that awaits approval is explained to the person', async () => {
    const browser = world.newBrowser();
    const words = 'Financefeast approves each application before people can connect to it.';
    const query = { return_to: `/connections/${id}` };
    const { callbackUrl } = await world.connect(browser, id, { stopAt: 'callback', query });
    await world.faults(id, { approval_pending: true });
    const { location } = await browser.navigate(callbackUrl ?? '', { from: world.sandboxUrl, follow: false });
    const notice = await browser.navigate(location ?? '');
    expect(notice.text).toMatch(new RegExp(`Financefeast: The provider is not set up correctly[^]*${words}`));
    // Who was left on the provider's own page finds the same here.
    const { text } = await browser.navigate(`/connections/${id}`);
    expect(text).toContain(`${world.app.url}/connect/${id}/callback`);
    expect(text).toContain(words);
  });
});

describe('use and end', () => {
  test('the last day is announced, and the end asks for a new connection', async () => {
    const browser = await world.connected(id);
    world.app.forward(9 * day - 60);
    expect((await world.state(browser, id)).status).toBe('connected');
    world.app.forward(120);
    expect((await world.state(browser, id)).status).toBe('expiring');
    expect((await prices(browser)).status).toBe(200);
    world.app.forward(day);
    const { api } = await world.calls(id);
    expect(spoken(await prices(browser))).toEqual([401, 'reauth_required']);
    expect((await world.calls(id))['api']).toBe(api);
    const { status, access } = await world.state(browser, id);
    expect(status).toBe('reauth_required');
    for (const path of ['/', `/connections/${id}`])
      expect((await browser.navigate(path)).text).toContain(
        `Access ended on <time datetime="${access?.expires_at ?? ''}"`,
      );
    expect(world.outcome(await world.connect(browser, id))).toBe(`connected=${id}`);
  });

  test('a refusal that the probe confirms ends the connection', async () => {
    const browser = await world.connected(id);
    await world.revoke(id);
    expect(spoken(await prices(browser))).toEqual([401, 'reauth_required']);
    expect((await world.state(browser, id)).status).toBe('reauth_required');
  });

  test('a limit of the plan passes on with its headers', async () => {
    const browser = await world.connected(id);
    await world.faults(id, { api_status: '429' });
    const answer = await prices(browser);
    expect([...spoken(answer), answer.headers['x-ratelimit-remaining']]).toEqual([429, 'provider', '0']);
    expect(answer.headers['x-ratelimit-reset']).toMatch(/^\d{10}$/);
  });

  test('an unknown ticker is 404, of the provider', async () => {
    expect(spoken(await prices(await world.connected(id), 'nothing.nz'))).toEqual([404, 'provider']);
  });

  test('there is nothing to refresh', async () => {
    const browser = await world.connected(id);
    const forced = await browser.api.post(`/api/connections/${id}/refresh`);
    expect([forced.status, forced.json]).toMatchObject([409, { code: 'not_refreshable' }]);
  });

  test('disconnecting forgets here, since nothing can be revoked there', async () => {
    const browser = await world.connected(id);
    expect((await browser.api.delete(`/api/connections/${id}`)).json).toEqual({
      provider: id,
      revocation: 'not_supported',
    });
  });
});

describe('where the operator has configured issuer and keys', () => {
  let own: OwnFilesWorld;
  const text = `
id: feast
extends: financefeast
issuer: SANDBOX/financefeast
endpoints:
  authorization: SANDBOX/financefeast/oauth/authorize
  token: SANDBOX/financefeast/oauth/token
  jwks: SANDBOX/request-finance/.well-known/jwks.json
api: { base_url: SANDBOX/financefeast/api }
account: { source: id_token, subject: sub, label: [email] }
environments: { test: null, production: null }
default_environment: null
`;
  beforeAll(async () => {
    own = await startOwnFiles({ feast: { text, client: { provider: 'financefeast' } } });
  });
  afterAll(() => own.close());

  test.each([
    ['none', 'connected', null],
    ['normal', 'connected', 'jo@example.org'],
    ['wrong_nonce', 'nonce_mismatch', undefined],
    ['no_nonce', 'nonce_mismatch', undefined],
    ['wrong_key', 'id_token_invalid', undefined],
    ['hs256', 'id_token_invalid', undefined],
    ['wrong_audience', 'id_token_invalid', undefined],
    ['expired', 'id_token_invalid', undefined],
  ])('an ID token that is %s: %s', async (id_token, outcome, label) => {
    own.sandbox.control.set('financefeast', { id_token });
    const browser = createBrowser(own.app.url);
    const { finalUrl } = await connect(browser, 'feast');
    expect(finalUrl.searchParams.get('connect_error') ?? (finalUrl.searchParams.has('connected') && 'connected')).toBe(
      outcome,
    );
    const state = (await browser.api.get('/api/connections/feast')).json as {
      account: { label: string | null } | null;
    };
    expect(state.account?.label).toBe(label);
  });
});
