import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { callback, claims, clientOf, describe, json, type Json, type TokenAnswer } from './sandbox-world.js';
import { PersonBrowser } from './person-browser.js';

const scope = 'openid profile email offline_access user:read';
let world: Awaited<ReturnType<typeof clientOf>>;
beforeAll(async () => {
  world = await clientOf('request-finance');
});
afterEach(() => world.sandbox.control.reset());
afterAll(() => world.sandbox.close());

const url = (parameters: Record<string, string | undefined> = {}) =>
  world.authorizeUrl({ scope, audience: 'accounts', state: 's1', nonce: 'n1', ...parameters });

async function connect(parameters: Record<string, string | undefined> = {}, username?: string) {
  const at = await new PersonBrowser(world.sandbox.url).allow(url(parameters), username);
  return json<TokenAnswer>(world.exchange(at.searchParams.get('code')!));
}

test('a person signs in, allows, and the token answer verifies against the published keys', async () => {
  const discovery = await json(fetch(world.file.discovery_url!));
  expect(discovery['issuer']).toBe(world.file.issuer);
  expect(discovery['issuer']).toMatch(/\/$/);
  expect(discovery).not.toHaveProperty('end_session_endpoint');
  const { verifier, challenge } = world.pkce;
  const at = await world.browser.allow(url({ code_challenge: challenge, code_challenge_method: 'S256' }));
  expect(at.href.startsWith(callback('request-finance'))).toBe(true);
  expect(at.searchParams.get('state')).toBe('s1');
  const tokens = await json<TokenAnswer>(world.exchange(at.searchParams.get('code')!, { code_verifier: verifier }));
  expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 86400, scope });
  const keys = createRemoteJWKSet(new URL(world.file.endpoints!.jwks!));
  const options = { issuer: world.file.issuer!, audience: world.credentials.client_id, algorithms: ['RS256'] };
  const { payload } = await jwtVerify(tokens.id_token, keys, options);
  expect(payload).toMatchObject({ nonce: 'n1', email: 'jo@example.org' });
  expect(claims(tokens.access_token)['aud']).toContain('accounts');
});

test('a later login skips both pages, and offline_access asked for anew needs prompt=consent', async () => {
  const browser = new PersonBrowser(world.sandbox.url);
  await browser.allow(url({ scope: 'openid' }));
  const silent = await browser.open(url());
  const without = await json<TokenAnswer>(world.exchange(silent.url.searchParams.get('code')!));
  expect(without).toMatchObject({ scope: 'openid' });
  expect(without).not.toHaveProperty('refresh_token');
  const again = await browser.allow(url({ prompt: 'consent' }));
  expect(await json(world.exchange(again.searchParams.get('code')!))).toHaveProperty('refresh_token');
  const none = await new PersonBrowser(world.sandbox.url).open(url({ prompt: 'none' }));
  expect(none.url.searchParams.get('error')).toBe('login_required');
});

test.each([
  ['no nonce', { nonce: undefined }, 'invalid_request'],
  ['another audience', { audience: 'elsewhere' }, 'access_denied'],
  ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
  ['a malformed challenge', { code_challenge: 'short', code_challenge_method: 'S256' }, 'invalid_request'],
])('an authorization request with %s is sent back with an error', async (_what, parameters, error) => {
  const { url: at } = await world.browser.open(url(parameters));
  expect([at.searchParams.get('error'), at.searchParams.get('state')]).toEqual([error, 's1']);
});

test('an unknown client or callback ends on a page of the provider', async () => {
  for (const parameters of [{ client_id: 'nobody' }, { redirect_uri: 'http://localhost:1/elsewhere' }]) {
    const page = await world.browser.open(url(parameters));
    expect([page.status, page.url.origin]).toEqual([403, world.sandbox.url]);
    expect(page.html).toContain('not the real Request Finance');
  }
});

test('a person who denies is sent back with access_denied and state', async () => {
  const browser = new PersonBrowser(world.sandbox.url);
  const denied = await browser.submit(await browser.submit(await browser.open(url())), 'deny');
  expect(denied.url.searchParams.get('error')).toBe('access_denied');
  expect(denied.url.searchParams.get('state')).toBe('s1');
});

test('the token endpoint refuses with 403, and a wrong secret with 401 access_denied', async () => {
  const at = await world.browser.allow(url({ code_challenge: world.pkce.challenge, code_challenge_method: 'S256' }));
  const code = at.searchParams.get('code')!;
  const wrongSecret = await world.exchange(code, { client_secret: 'wrong' });
  expect([wrongSecret.status, await wrongSecret.json()]).toMatchObject([401, { error: 'access_denied' }]);
  const noVerifier = await world.exchange(code);
  expect([noVerifier.status, await noVerifier.json()]).toMatchObject([403, { error: 'invalid_grant' }]);
  const again = await world.browser.allow(url());
  await world.exchange(again.searchParams.get('code')!);
  expect((await world.exchange(again.searchParams.get('code')!)).status).toBe(403);
  const late = await world.browser.allow(url());
  world.sandbox.control.advance(601);
  expect((await world.exchange(late.searchParams.get('code')!)).status).toBe(403);
  world.sandbox.control.set('request-finance', { mfa_required: true });
  expect(await json(world.exchange('any'))).toMatchObject({ error: 'mfa_required' });
});

test('Basic and JSON are read as well', async () => {
  const at = await world.browser.allow(url());
  const { client_id: id, client_secret: secret } = world.credentials;
  const answer = await fetch(world.file.endpoints!.token!, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      grant_type: 'authorization_code',
      code: at.searchParams.get('code'),
      redirect_uri: callback('request-finance'),
    }),
  });
  expect(answer.status).toBe(200);
});

test('without rotation the refresh token stays; with it a re-used one ends the family', async () => {
  const { refresh_token: first } = await connect();
  expect(await json(world.refresh(first))).not.toHaveProperty('refresh_token');
  world.sandbox.control.set('request-finance', { rotation: true });
  const { refresh_token: second } = await json<TokenAnswer>(world.refresh(first));
  expect((await world.refresh(first)).status).toBe(403);
  expect((await world.refresh(second)).status).toBe(403);
});

test('revocation ends the refresh token and leaves the access token alone', async () => {
  const tokens = await connect();
  const answer = await world.revoke({ ...world.credentials, token: tokens.refresh_token });
  expect([answer.status, await answer.text()]).toEqual([200, '']);
  expect((await world.refresh(tokens.refresh_token)).status).toBe(403);
  expect((await world.api('/invoices', tokens.access_token, { 'x-network': 'test' })).status).toBe(200);
});

test('a tenant that ends the whole grant on revocation asks for consent again', async () => {
  world.sandbox.control.set('request-finance', { revoke_ends_grant: true });
  const [one, two] = [await connect(), await connect()];
  await world.revoke({ ...world.credentials, token: one.refresh_token });
  expect((await world.refresh(two.refresh_token)).status).toBe(403);
  const browser = new PersonBrowser(world.sandbox.url);
  expect((await browser.submit(await browser.open(url()))).html).toContain('value="allow"');
});

test('a token without the audience is good for userinfo alone', async () => {
  const { access_token: token } = await connect({ audience: undefined });
  expect((await world.api('/invoices', token, { 'x-network': 'test' })).status).toBe(401);
  const headers = { authorization: `Bearer ${token}` };
  expect(await json(fetch(world.file.endpoints!.userinfo!, { headers }))).toMatchObject({ name: 'Jo Hansen' });
});

test('the API wants a live token, a network and an organization of the person', async () => {
  const jo = await connect();
  const kari = await connect({}, 'kari@example.org');
  expect((await world.api('/invoices')).status).toBe(401);
  expect((await world.api('/invoices', jo.access_token)).status).toBe(400);
  const invoices = (token: TokenAnswer, headers: Record<string, string>) =>
    json<Json[]>(world.api('/invoices?take=5', token.access_token, { 'x-network': 'test', ...headers }));
  const books = [
    await invoices(jo, {}),
    await invoices(jo, { 'x-network': 'live' }),
    await invoices(kari, {}),
    await invoices(jo, { 'x-organization': '63b2f0e4c1a7' }),
  ].map((list) => list.map((one) => one['id']).join());
  expect(new Set(books).size).toBe(4);
  const foreign = { 'x-network': 'test', 'x-organization': '63b2f0e4c1c9' };
  expect((await world.api('/invoices', jo.access_token, foreign)).status).toBe(403);
  const organizations = await world.api('/users/organizations', jo.access_token, { 'x-network': 'test' });
  expect(await organizations.json()).toHaveLength(2);
  expect(organizations.headers.get('x-rate-limit-limit')).toBe('15000');
  world.sandbox.control.advance(86_400);
  expect((await world.api('/invoices', jo.access_token, { 'x-network': 'test' })).status).toBe(401);
});

test('an application for client credentials gets an access token alone and no code flow, and the other way round', async () => {
  const machine = describe(world.sandbox, 'request-finance-m2m');
  const tokens = await json<TokenAnswer>(machine.tokenCall({ grant_type: 'client_credentials', audience: 'accounts' }));
  expect(Object.keys(tokens).sort()).toEqual(['access_token', 'expires_in', 'token_type']);
  expect((await machine.api('/invoices', tokens.access_token, { 'x-network': 'live' })).status).toBe(200);
  const noAudience = await machine.tokenCall({ grant_type: 'client_credentials' });
  expect([noAudience.status, await noAudience.json()]).toMatchObject([403, { error: 'access_denied' }]);
  const codeFlow = await machine.exchange('any');
  expect([codeFlow.status, await codeFlow.json()]).toMatchObject([403, { error: 'unauthorized_client' }]);
  const other = await world.tokenCall({ grant_type: 'client_credentials', audience: 'accounts' });
  expect([other.status, await other.json()]).toMatchObject([403, { error: 'unauthorized_client' }]);
});

test.each([
  ['wrong_nonce', 'payload', { nonce: expect.not.stringMatching(/^n1$/) }],
  ['wrong_issuer', 'payload', { iss: 'https://issuer.example/' }],
  ['wrong_audience', 'payload', { aud: 'another-client' }],
  ['hs256', 'header', { alg: 'HS256' }],
  ['unsigned', 'header', { alg: 'none' }],
])('the switch id_token=%s spoils just that', async (fault, part, expected) => {
  world.sandbox.control.set('request-finance', { id_token: fault });
  const { id_token: token } = await connect();
  const header = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as Json;
  expect(part === 'header' ? header : claims(token)).toMatchObject(expected);
});
