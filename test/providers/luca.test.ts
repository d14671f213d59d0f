import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import type { Answer } from '../world/answer.js';
import { startOwnFiles } from './own-files.js';
import { spoken, startProviderWorld, type ProviderWorld } from './provider-world.js';

const id = 'luca';
let world: ProviderWorld;
beforeAll(async () => {
  world = await startProviderWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const query = '{ companies { nodes { id name organisationNumber } } }';
const graphql = (browser: Browser, text = query, provider = id): Promise<Answer> =>
  browser.api.post(`/proxy/${provider}/api/v1/graphql`, { json: { query: text } });

describe('connect', () => {
  test('the company is named and confirmed before anything is stored', async () => {
    const browser = world.newBrowser();
    const { final, callbackUrl } = await world.connect(browser, id, { stopAt: 'confirm' });
    expect([...(callbackUrl?.searchParams.keys() ?? [])].sort()).toEqual(['code', 'scope']);
    expect(final.text).toContain('Fjordlys Studio AS');
    expect((await world.state(browser, id)).status).toBe('confirmation_required');
    expect(spoken(await graphql(browser))).toEqual([409, 'confirmation_required']);
    await browser.submit(final, { which: `/connect/${id}/confirm`, button: 'decision=confirm' });
    expect(await world.state(browser, id)).toMatchObject({
      status: 'connected',
      account: { subject: 'Q29tMQ', label: 'Fjordlys Studio AS' },
    });
  });

  test('who does not recognise the company says no, and nothing is stored', async () => {
    const browser = world.newBrowser();
    expect(world.outcome(await world.connect(browser, id, { confirm: 'cancel' }))).toBe('access_denied');
    expect((await world.state(browser, id)).status).toBe('not_connected');
  });

  test.each([{ api_status: '500' }, { api_status: '429' }, { expired: true }])(
    'a company that cannot be named is not confirmed blindly: %j',
    async (fault) => {
      await world.faults(id, fault);
      const browser = world.newBrowser();
      expect(world.outcome(await world.connect(browser, id))).toBe('upstream_invalid_response');
      expect((await world.state(browser, id)).status).toBe('not_connected');
      expect((await browser.navigate(`/connect/${id}/confirm`)).status).toBe(400);
    },
  );

  test('another company can be connected in the place of the first', async () => {
    const browser = await world.connected(id);
    const page = await browser.navigate(`/connections/${id}`, { headers: { 'accept-language': 'nb' } });
    expect(page.text).toContain('Koble til et annet selskap');
    await world.connect(browser, id, { query: { organisation_number: '927364518' } });
    expect((await world.state(browser, id)).account?.label).toBe('Havn og Furu ENK');
  });

  test('a state that comes back must be the right one', async () => {
    await world.faults(id, { echo_state: true });
    const browser = world.newBrowser();
    const { callbackUrl } = await world.connect(browser, id, { stopAt: 'callback' });
    expect(callbackUrl?.searchParams.has('state')).toBe(true);
    const wrong = new URL(callbackUrl ?? '');
    wrong.searchParams.set('state', 'x'.repeat(43));
    const { token } = await world.calls(id);
    expect((await browser.navigate(wrong, { from: world.sandboxUrl, follow: false })).status).toBe(400);
    expect((await world.calls(id))['token']).toBe(token);
    const right = await browser.navigate(callbackUrl ?? '', { from: world.sandboxUrl, follow: false });
    expect(right.location?.pathname).toBe(`/connect/${id}/confirm`);
  });

  test('a callback without a code is a refusal', async () => {
    expect(world.outcome(await world.connect(world.newBrowser(), id, { consent: false }))).toBe('access_denied');
  });

  test('the organisation number forces one company', async () => {
    const browser = await world.connected(id, { query: { organisation_number: '927364518' } });
    expect((await world.state(browser, id)).account?.label).toBe('Havn og Furu ENK');
  });

  test.each(['12345678', '1234567890', '92736451a', '927364518\n', ' 927364518', '927364518&scope=x'])(
    'an organisation number that is none stays here: %j',
    async (organisation_number) => {
      const { final, authorizationUrl } = await world.connect(world.newBrowser(), id, {
        query: { organisation_number },
      });
      expect([final.status, authorizationUrl]).toEqual([400, undefined]);
    },
  );

  test.each([
    ['as the caller says', { locale: 'nb' }, 'en', 'nb'],
    ['as the browser says', {}, 'nb-NO,nb;q=0.9,en;q=0.8', 'nb'],
    ['as the browser says, Norwegian without a variant', {}, 'no,en;q=0.5', 'nb'],
    ['in English for an English browser', {}, 'en-GB,en', 'en'],
    ['as the caller says whatever the browser says', { locale: 'en' }, 'nb', 'en'],
  ])('the pages of the provider are in a language %s', async (_how, choice, language, expected) => {
    const options = { query: choice, headers: { 'accept-language': language }, stopAt: 'callback' as const };
    const { authorizationUrl, pages } = await world.connect(world.newBrowser(), id, options);
    expect(authorizationUrl?.searchParams.get('locale')).toBe(expected);
    expect(pages[0]?.text).toContain(expected === 'nb' ? 'Logg inn' : 'Sign in');
  });

  test.each(['error_descriptions', 'errors_descriptions', 'errors', 'error'])(
    'a code refused with status 200 and %s connects nothing',
    async (refusal_member) => {
      await world.faults(id, { refusal_member });
      const browser = world.newBrowser();
      const { callbackUrl } = await world.connect(browser, id, { stopAt: 'callback' });
      const used = new URL(callbackUrl ?? '');
      used.searchParams.set('code', 'f'.repeat(64));
      const answer = await browser.navigate(used, { from: world.sandboxUrl, follow: false });
      expect(answer.location?.searchParams.get('connect_error')).toBe('code_exchange_rejected');
    },
  );
});

describe('use and renew', () => {
  test.each([
    ['text', 'expires_in'],
    ['number', 'expires_in'],
    // The emulator's access tokens are JWTs with an end.
    ['absent', 'access_token'],
  ])('the life of a token is known when expires_in is %s', async (expires_in, source) => {
    await world.faults(id, { expires_in });
    const { access } = await world.state(await world.connected(id), id);
    expect(access?.source).toBe(source);
    expect(access?.expires_in).toBeGreaterThan(3590);
    expect(access?.expires_in).toBeLessThanOrEqual(3600);
  });

  test.each([false, true])('an hour later one refresh is enough, with rotation %s', async (rotation) => {
    await world.faults(id, { rotation });
    const browser = await world.connected(id);
    for (let hour = 0; hour < 2; hour += 1) {
      world.app.forward(3590);
      expect((await graphql(browser)).status).toBe(200);
    }
    expect((await world.state(browser, id)).last_refresh?.result).toBe(rotation ? 'rotated' : 'refreshed');
  });

  test.each(['error_descriptions', 'errors_descriptions', 'errors', 'error'])(
    'a refresh refused with status 200 and %s ends the connection, a wrong secret does not',
    async (refusal_member) => {
      await world.faults(id, { refusal_member, other_secret: true });
      const browser = await world.connected(id).catch(() => undefined);
      expect(browser).toBeUndefined();
      await world.faults(id, { other_secret: false });
      const kept = await world.connected(id);
      world.app.forward(3600);
      await world.faults(id, { other_secret: true });
      expect(spoken(await graphql(kept))).toEqual([502, 'provider_misconfigured']);
      await world.faults(id, { other_secret: false, dead_grant: true });
      world.app.forward(60);
      expect(spoken(await graphql(kept))).toEqual([401, 'reauth_required']);
      expect((await world.state(kept, id)).status).toBe('reauth_required');
    },
  );

  test.each(['plain', 'errors_in_200'])(
    'a token that is refused (%s) is renewed once and the call repeated',
    async (graphql_401) => {
      await world.faults(id, { graphql_401 });
      const good = await world.connected(id);
      await world.faults(id, { expired: true });
      await good.api.post(`/api/connections/${id}/refresh`);
      await world.faults(id, { expired: false });
      const { refresh = 0, api = 0 } = await world.calls(id);
      const answer = await graphql(good);
      expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
        200,
        { data: { companies: { nodes: [{ id: 'Q29tMQ' }] } } },
      ]);
      expect(await world.calls(id)).toMatchObject({ refresh: refresh + 1, api: api + 2 });
    },
  );

  test('a refusal inside 200 that no new token helps passes on, and costs one renewal, not one per call', async () => {
    await world.faults(id, { graphql_401: 'errors_in_200' });
    const browser = await world.connected(id);
    await world.faults(id, { expired: true });
    await browser.api.post(`/api/connections/${id}/refresh`);
    const { refresh = 0 } = await world.calls(id);
    for (let time = 0; time < 3; time += 1) {
      const answer = await graphql(browser);
      expect([...spoken(answer), answer.text]).toEqual([200, 'provider', expect.stringContaining('UNAUTHENTICATED')]);
    }
    expect((await world.calls(id))['refresh']).toBe(refresh + 1);
  });

  test('other errors inside 200 pass on as they are, and 100 is the most that a page holds', async () => {
    const browser = await world.connected(id);
    const { refresh } = await world.calls(id);
    const wrong = await graphql(browser, '{ companies { nothing } }');
    expect([...spoken(wrong), wrong.text]).toEqual([200, 'provider', expect.stringContaining('"errors"')]);
    expect((await world.calls(id))['refresh']).toBe(refresh);
    const paged = await graphql(
      browser,
      '{ saleInvoices(first: 500) { nodes { id } pageInfo { hasNextPage endCursor } } }',
    );
    const { data } = paged.json as {
      data: { saleInvoices: { nodes: unknown[]; pageInfo: { hasNextPage: boolean } } } | null;
    };
    expect(data === null || data.saleInvoices.nodes.length === 100).toBe(true);
  });
});

test('disconnecting forgets here and says that the authorization stays there', async () => {
  const browser = await world.connected(id);
  expect((await browser.api.delete(`/api/connections/${id}`)).json).toEqual({
    provider: id,
    revocation: 'not_supported',
  });
  const notice = await browser.navigate(`/?disconnected=${id}&revocation=not_supported`);
  expect(notice.text).toContain('Luca keeps the authorization');
});

test.each(['v1', 'v2'])('the token path %s is a line in a file of the operator', async (version) => {
  const text = `
id: older
extends: luca
endpoints:
  authorization: SANDBOX/luca/api/v1/oauth2/authorize
  token: SANDBOX/luca/api/${version}/oauth2/token
api: { base_url: SANDBOX/luca }
`;
  const other = await startOwnFiles({ older: { text, client: { provider: 'luca' } } });
  try {
    const browser = createBrowser(other.app.url);
    expect((await connect(browser, 'older')).finalUrl.searchParams.get('connected')).toBe('older');
    expect((await graphql(browser, query, 'older')).status).toBe(200);
  } finally {
    await other.close();
  }
});
