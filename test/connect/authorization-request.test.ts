import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { codeOf, outcomeOf, startConnectWorld, type ConnectWorld } from './world.js';
import { withoutId } from '../world/without-id.js';

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({
    acme: {
      authorization: {
        parameters: { audience: 'accounts' },
        caller_parameters: { organisation_number: '\\d{9}', prompt: 'login|consent', ui_locales: '[a-z]{2}' },
        reconsent: { prompt: 'consent', access_type: 'offline' },
        locale: { parameter: 'ui_locales', values: ['nb', 'en'] },
      },
    },
    files: {
      queried: {
        extends: 'generic-oauth2',
        endpoints: { authorization: '$base/authorize?tenant=a%20b&scope=own&state=own', token: '$base/token' },
        scopes: ['read'],
        api: { base_url: '$base' },
      },
      machine: {
        extends: 'generic-oauth2',
        grant: 'client_credentials',
        endpoints: { token: '$base/token' },
        api: { base_url: '$base' },
      },
    },
  });
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const get = (path: string, headers: Record<string, string> = {}) =>
  world.newBrowser().get(path, { headers, accept: 'application/json' });

describe('the authorization request', () => {
  test('carries what RFC 6749, PKCE and OpenID Connect ask for, and never the secret', async () => {
    const answer = await get('/connect/acme');
    expect(answer.status).toBe(302);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toHaveLength(0);
    const { location } = answer;
    expect(`${location?.origin}${location?.pathname}`).toBe(`${world.acme.base}/authorize`);
    const query = Object.fromEntries(location?.searchParams ?? []);
    expect(query).toEqual({
      response_type: 'code',
      client_id: 'gatehouse-test',
      redirect_uri: `${world.app.url}/connect/acme/callback`,
      scope: 'openid profile email offline_access',
      audience: 'accounts',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect(location?.href).not.toContain(world.acme.options.clientSecret);
  });

  test('has a state, a nonce and a challenge of its own each time', async () => {
    const requests = await Promise.all([1, 2, 3].map(() => world.start(world.newBrowser())));
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(new Set(requests.map(({ searchParams }) => searchParams.get(name))).size).toBe(3);
  });

  test('has a challenge that is the SHA-256 of the verifier sent with the code', async () => {
    await world.connect(world.newBrowser());
    const verifier = world.acme.tokenCalls[0]?.parameters.get('code_verifier') ?? '';
    expect(verifier).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(
      world.acme.authorizationRequests[0]?.get('code_challenge'),
    );
  });

  test('keeps the query of a configured endpoint and doubles nothing', async () => {
    const { searchParams } = await world.start(world.newBrowser(), 'queried');
    expect(searchParams.get('tenant')).toBe('a b');
    const names = [...searchParams.keys()];
    expect(names).toEqual([...new Set(names)]);
    expect(searchParams.get('scope')).toBe('read');
    expect(searchParams.get('state')).toMatch(/^[\w-]{43}$/);
  });

  test('never offers the plain PKCE method, even where the server lists no other', async () => {
    world.acme.bend.discovery = { body: { code_challenge_methods_supported: ['plain'] } };
    world.app.forward(4000);
    await get('/connect/acme');
    const { searchParams } = await world.start(world.newBrowser());
    expect(searchParams.get('code_challenge_method')).toBe('S256');
  });
});

describe('what the caller says', () => {
  test.each([
    ...['redirect_uri', 'client_id', 'state', 'response_type', 'scope', 'code_challenge', 'code_challenge_method'],
    ...['nonce', 'client_secret', 'request', 'request_uri', 'response_mode', 'audience', 'login_hint', '__proto__'],
  ])('does not put %s into the request', async (name) => {
    const { location } = await get(`/connect/acme?${name}=planted`);
    expect(location?.href).not.toContain('planted');
    expect([...(location?.searchParams.keys() ?? [])].filter((each) => each === name).length).toBeLessThanOrEqual(1);
  });

  test.each(['state', 'utm_source', 'constructor'])('may name %s twice, since it is ignored', async (name) => {
    expect((await get(`/connect/acme?${name}=a&${name}=b`)).status).toBe(302);
  });

  test('passes a listed parameter whose whole value fits', async () => {
    const { location } = await get('/connect/acme?organisation_number=123456789&prompt=login');
    expect(location?.searchParams.get('organisation_number')).toBe('123456789');
    expect(location?.searchParams.get('prompt')).toBe('login');
  });

  test.each([
    ['fits in its beginning only', 'organisation_number=1234567890'],
    ['fits on one of two lines', 'organisation_number=123456789%0aevil'],
    ['ends with a line break', 'organisation_number=123456789%0a'],
    ['fits an alternative in its beginning only', 'prompt=loginx'],
    ['is empty', 'organisation_number='],
    ['comes twice', 'organisation_number=123456789&organisation_number=123456789'],
    ['asks twice for consent', 'reconsent=1&reconsent=1'],
  ])('is refused when it %s', async (_name, query) => {
    const answer = await get(`/connect/acme?${query}`);
    expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([400, 'invalid_request', []]);
  });

  test('asks for consent again with reconsent=1, over what the caller says', async () => {
    const { location } = await get('/connect/acme?reconsent=1&prompt=login');
    expect(location?.searchParams.get('prompt')).toBe('consent');
    expect(location?.searchParams.get('access_type')).toBe('offline');
    expect((await get('/connect/acme?reconsent=0')).location?.searchParams.has('prompt')).toBe(false);
  });

  test.each([
    ['nb-NO,nb;q=0.9,en;q=0.5', 'nb'],
    ['no,en;q=0.1', 'nb'],
    ['en-GB', 'en'],
    ['fr', null],
  ])('speaks %s: the language of the provider is %s', async (language, expected) => {
    const { location } = await get('/connect/acme', { 'accept-language': language });
    expect(location?.searchParams.get('ui_locales')).toBe(expected);
  });

  test('names a language that counts more than the browser', async () => {
    const { location } = await get('/connect/acme?ui_locales=de', { 'accept-language': 'nb' });
    expect(location?.searchParams.get('ui_locales')).toBe('de');
  });
});

describe('who may not say anything', () => {
  test.each([
    [{ host: 'evil.test' }],
    [{ 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https' }],
    [{ forwarded: 'host=evil.test;proto=https', 'x-forwarded-prefix': '/evil', 'x-original-host': 'evil.test' }],
  ])('%j does not change the redirect URI', async (headers) => {
    const { location } = await get('/connect/acme', headers);
    expect(location?.searchParams.get('redirect_uri')).toBe(`${world.app.url}/connect/acme/callback`);
  });

  test.each(['nope', '__proto__', 'constructor', 'toString', '%00', '..%2facme', 'ACME', 'acme%20', 'machine'])(
    '/connect/%s is not there, sets no cookie and is not repeated',
    async (id) => {
      for (const path of [`/connect/${id}`, `/connect/${id}/callback`]) {
        const answer = await get(path);
        expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([404, 'unknown_provider', []]);
        if (id !== 'machine') expect(answer.text).not.toContain(`"${id}"`);
      }
    },
  );

  test('HEAD starts nothing', async () => {
    const answer = await world.newBrowser().request('HEAD', '/connect/acme');
    expect([answer.status, answer.headers.allow, answer.setCookies]).toEqual([405, 'GET, POST', []]);
  });
});

describe('a start by POST', () => {
  const own = { 'x-csrf': '1' };

  test('answers a form with 303 and a program with the address', async () => {
    const form = await world.newBrowser().post('/connect/acme', { form: { return_to: '/app' }, headers: own });
    expect(form.status).toBe(303);
    expect(form.location?.origin).toBe(world.acme.origin);
    const program = await world.newBrowser().post('/connect/acme', {
      json: { return_to: '/app', organisation_number: 123456789 },
      accept: 'application/json',
      headers: own,
    });
    expect(program.status).toBe(200);
    const { authorize_url: url } = program.json as { authorize_url: string };
    expect(new URL(url).searchParams.get('organisation_number')).toBe('123456789');
  });

  test('started by JSON and finished in the same browser leads back to where it was asked to', async () => {
    const browser = world.newBrowser();
    const started = await browser.api.post('/connect/acme', { json: { return_to: '/app?x=1' } });
    const { authorize_url: url } = started.json as { authorize_url: string };
    const finished = await world.open(browser, await world.authorize(new URL(url)));
    expect([withoutId(finished.location), outcomeOf(finished)]).toEqual([
      `${world.app.url}/app?x=1&connected=acme#`,
      null,
    ]);
  });

  test.each([
    ['a parameter in the address and in the body', '?return_to=/a', { json: { return_to: '/a' } }, 'invalid_return_to'],
    ['a list', '', { json: { organisation_number: ['123456789', '123456789'] } }, 'invalid_request'],
    ['an object', '', { json: { return_to: { href: '/a' } } }, 'invalid_request'],
    ['broken JSON', '', { body: '{"return_to":', headers: { 'content-type': 'application/json' } }, 'invalid_request'],
  ])('with %s is refused', async (_name, query, sent, code) => {
    const headers = { ...own, ...('headers' in sent ? sent.headers : {}) };
    const answer = await world
      .newBrowser()
      .post(`/connect/acme${query}`, { ...sent, headers, accept: 'application/json' });
    expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([400, code, []]);
  });
});
