import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { spoken, startProviderWorld, type ProviderWorld } from './provider-world.js';

const id = 'request-finance';
let world: ProviderWorld;
beforeAll(async () => {
  world = await startProviderWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

interface Invoice {
  invoiceNumber: string;
  type: string;
}

/** An earlier visit to the provider, with the same client, in which the person agreed to less. */
async function consentTo(scope: string, browser: Browser): Promise<void> {
  const { location } = await browser.navigate(`/connect/${id}`, { from: browser.base, follow: false });
  location?.searchParams.set('scope', scope);
  const elsewhere = (url: URL) => url.origin !== world.sandboxUrl;
  const signIn = await browser.navigate(location ?? '', { until: elsewhere });
  const consent = await browser.submit(signIn, { follow: true, until: elsewhere });
  const done = await browser.submit(consent, { button: 'decision=allow', until: elsewhere });
  expect(done.location?.searchParams.has('code')).toBe(true);
}

async function invoices(browser: Browser, headers: Record<string, string> = {}): Promise<Invoice[]> {
  const answer = await browser.api.get(`/proxy/${id}/invoices`, { headers });
  expect(answer.status).toBe(200);
  return JSON.parse(answer.text) as Invoice[];
}

describe('connect', () => {
  test('asks with the audience, a nonce, PKCE and every scope', async () => {
    const { authorizationUrl } = await world.connect(world.newBrowser(), id, { stopAt: 'callback' });
    const query = Object.fromEntries(authorizationUrl?.searchParams ?? []);
    expect(query).toMatchObject({
      audience: 'accounts',
      code_challenge_method: 'S256',
      scope: 'openid profile email offline_access user:read',
    });
    expect(query['nonce']).toMatch(/^[\w-]{43}$/);
  });

  test('shows whose account it is, in which environment, and that it renews itself', async () => {
    const state = await world.state(await world.connected(id), id);
    expect(state).toMatchObject({
      status: 'connected',
      environment: 'test',
      account: { label: 'jo@example.org' },
      scopes: { missing: [] },
      access: { refreshable: true, source: 'expires_in' },
      organization: { id: null, required: false },
    });
    expect(state.access?.expires_in).toBeGreaterThan(86_000);
  });

  test.each(['wrong_nonce', 'no_nonce', 'wrong_issuer', 'wrong_audience', 'expired', 'hs256', 'unsigned', 'wrong_key'])(
    'an ID token that is %s connects nothing',
    async (fault) => {
      await world.faults(id, { id_token: fault });
      const browser = world.newBrowser();
      const outcome = world.outcome(await world.connect(browser, id));
      expect(outcome).toBe(fault.endsWith('_nonce') ? 'nonce_mismatch' : 'id_token_invalid');
      expect((await world.state(browser, id)).status).toBe('not_connected');
    },
  );

  test('what an earlier consent left out shows as missing, and reconsent=1 repairs it', async () => {
    const browser = world.newBrowser();
    await consentTo('openid profile email', browser);
    expect(world.outcome(await world.connect(browser, id))).toBe(`connected=${id}`);
    expect(await world.state(browser, id)).toMatchObject({
      status: 'scope_missing',
      scopes: { missing: ['offline_access', 'user:read'] },
      access: { refreshable: false },
    });
    const listed = await browser.api.get(`/api/connections/${id}/organizations`);
    expect([listed.status, JSON.parse(listed.text)]).toMatchObject([403, { code: 'scope_missing' }]);
    const page = await browser.navigate(`/connections/${id}`);
    expect(page.text).toContain('name="reconsent" value="1"');
    expect(page.text).not.toContain('name="organization"');

    const { authorizationUrl } = await world.connect(browser, id, { query: { reconsent: '1' } });
    expect(authorizationUrl?.searchParams.get('prompt')).toBe('consent');
    expect((await world.state(browser, id)).status).toBe('connected');
  });

  test('what is missing is said in words, and connecting again repairs it without being told to', async () => {
    const browser = world.newBrowser();
    await consentTo('openid profile email', browser);
    await world.connect(browser, id);
    for (const path of ['/', `/connections/${id}`]) {
      const { text } = await browser.navigate(path);
      expect(text).toContain('Long-term access was not granted');
      expect(text).toContain('The permission to list organizations is missing');
    }
    const norwegian = await browser.navigate('/', { headers: { 'accept-language': 'nb' } });
    expect(norwegian.text).toContain('Varig tilgang ble ikke gitt');

    const { authorizationUrl } = await world.connect(browser, id);
    expect(authorizationUrl?.searchParams.get('prompt')).toBe('consent');
    expect((await world.state(browser, id)).status).toBe('connected');
    const again = await world.connect(browser, id, { stopAt: 'callback' });
    expect(again.authorizationUrl?.searchParams.has('prompt')).toBe(false);
  });

  test('a refresh token that does not come although it was granted is missed, too', async () => {
    await world.faults(id, { no_refresh_token: true });
    const browser = await world.connected(id);
    expect(await world.state(browser, id)).toMatchObject({
      status: 'scope_missing',
      scopes: { missing: ['offline_access'] },
    });
  });

  test.each([
    ['everything', 'openid profile email offline_access user:read', []],
    ['less', 'openid profile email offline_access', ['user:read']],
  ])('where the answer names no scopes the token tells that %s was granted', async (_what, scope, missing) => {
    await world.faults(id, { scope_in_answer: false });
    const browser = world.newBrowser();
    await consentTo(scope, browser);
    await world.connect(browser, id);
    expect((await world.state(browser, id)).scopes).toEqual({ granted: scope.split(' '), missing });
  });

  test('an app of the other flow is explained to the operator when the authorization server says so', async () => {
    const browser = world.newBrowser();
    const { location } = await browser.navigate(`/connect/${id}`, { from: browser.base, follow: false });
    const back = new URL(location?.searchParams.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({
      error: 'unauthorized_client',
      state: location?.searchParams.get('state') ?? '',
    }).toString();
    const answer = await browser.navigate(back, { from: world.sandboxUrl, follow: false });
    expect(answer.location?.searchParams.get('connect_error')).toBe('provider_misconfigured');
    expect(world.logged('connect.failed').at(-1)).toMatchObject({
      hint: expect.stringMatching(/One flow per app.*ask support/),
      error: 'AuthorizationError(unauthorized_client)',
    });
  });

  test('another account is asked for by name, and an ordinary start asks nobody to sign in again', async () => {
    const browser = world.newBrowser();
    const prompt = async (query: Record<string, string>) =>
      (await world.connect(browser, id, { query, stopAt: 'callback' })).authorizationUrl?.searchParams.get('prompt');
    expect(await prompt({ as: 'new' })).toBe('login');
    expect(await prompt({})).toBeNull();
  });

  test('without reconsent no consent is forced', async () => {
    const { authorizationUrl } = await world.connect(world.newBrowser(), id, { stopAt: 'callback' });
    expect(authorizationUrl?.searchParams.has('prompt')).toBe(false);
  });
});

describe('use', () => {
  test('the network is the environment and no caller changes it', async () => {
    const browser = await world.connected(id);
    for (const headers of [{}, { 'x-network': 'live' }, { X_Network: 'live' }])
      expect((await invoices(browser, headers)).map(({ type }) => type)).toEqual(expect.not.arrayContaining(['live']));
    expect((await browser.navigate(`/connections/${id}`)).text).toMatch(/class="badge">test</);
  });

  test('403 of the API passes on; nothing is renewed or ended', async () => {
    const browser = await world.connected(id);
    const { token } = await world.calls(id);
    const foreign = await browser.api.get(`/proxy/${id}/users/nobody`);
    expect(spoken(foreign)).toEqual([404, 'provider']);
    expect((await world.calls(id))['token']).toBe(token);
  });

  test('a rate limit passes on with its headers and is not tried again', async () => {
    const browser = await world.connected(id);
    await world.faults(id, { api_status: '429' });
    const { api = 0 } = await world.calls(id);
    const answer = await browser.api.get(`/proxy/${id}/invoices`);
    expect([...spoken(answer), answer.headers['retry-after']]).toEqual([429, 'provider', '7']);
    expect(answer.headers['x-rate-limit-remaining']).toBe('0');
    expect((await world.calls(id))['api']).toBe(api + 1);
  });
});

describe('renew and end', () => {
  test.each([
    [false, 'refreshed'],
    [true, 'rotated'],
  ])('with rotation %s a day later one refresh is enough', async (rotation, result) => {
    await world.faults(id, { rotation });
    const browser = await world.connected(id);
    for (let day = 0; day < 2; day += 1) {
      world.app.forward(86_390);
      await invoices(browser);
      expect((await world.state(browser, id)).last_refresh?.result).toBe(result);
    }
  });

  test.each(['dead_grant', 'mfa_required'])('%s at the refresh asks for a new connection', async (fault) => {
    const browser = await world.connected(id);
    await world.faults(id, { [fault]: true });
    world.app.forward(86_400);
    const answer = await browser.api.get(`/proxy/${id}/invoices`);
    expect(spoken(answer)).toEqual([401, 'reauth_required']);
    expect(JSON.parse(answer.text)).toMatchObject({ connect_url: `${world.app.url}/connect/${id}` });
    expect((await world.state(browser, id)).status).toBe('reauth_required');
    await world.faults(id, { [fault]: false });
    const again = await world.connect(browser, id);
    expect(world.outcome(again)).toBe(`connected=${id}`);
    expect(again.authorizationUrl?.searchParams.get('prompt')).toBe('consent');
    expect((await world.state(browser, id)).status).toBe('connected');
  });

  test('a second factor that is asked for at the code tells the person so, and nothing is lost', async () => {
    const browser = await world.connected(id);
    await world.faults(id, { mfa_required: true });
    expect(world.outcome(await world.connect(browser, id))).toBe('interaction_required');
    expect((await world.state(browser, id)).status).toBe('connected');
    const page = await browser.get('/?connect_error=interaction_required');
    expect(page.text).toContain('asks for a further step');
    await world.faults(id, { mfa_required: false });
    expect(world.outcome(await world.connect(browser, id))).toBe(`connected=${id}`);
  });

  test('a person who refuses keeps what was there', async () => {
    const browser = await world.connected(id);
    await world.faults(id, { deny_consent: true });
    expect(world.outcome(await world.connect(browser, id))).toBe('access_denied');
    expect((await world.state(browser, id)).status).toBe('connected');
  });

  test('disconnecting revokes the refresh token and says that a token may live on for a day', async () => {
    const browser = await world.connected(id);
    const { revoke = 0 } = await world.calls(id);
    const gone = await browser.api.delete(`/api/connections/${id}`);
    expect(JSON.parse(gone.text)).toEqual({ provider: id, revocation: 'revoked' });
    expect((await world.calls(id))['revoke']).toBe(revoke + 1);
    const notice = await browser.navigate(`/?disconnected=${id}&revocation=revoked`);
    expect(notice.text).toContain('up to 24 hours');
  });
});
