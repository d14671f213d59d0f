import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { providerIds } from '../../src/sandbox/provider-ids.js';
import { PersonBrowser } from './person-browser.js';
import { clientOf, describe, json, type Json, type TokenAnswer } from './sandbox-world.js';

let world: Awaited<ReturnType<typeof clientOf>>;
beforeAll(async () => {
  world = await clientOf('invoiced');
});
afterEach(() => world.sandbox.control.reset());
afterAll(() => world.sandbox.close());

const at = (path: string) => `${world.sandbox.url}/control${path}`;

function post(path: string, body: Json, headers: Record<string, string> = {}) {
  return fetch(at(path), {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

async function connect() {
  const browser = new PersonBrowser(world.sandbox.url);
  const { searchParams } = await browser.allow(world.authorizeUrl({ scope: 'read', state: 's1' }));
  return json<TokenAnswer>(world.exchange(searchParams.get('code')!));
}

test('every provider has an override that names this sandbox and nobody else, and credentials', () => {
  expect(world.sandbox.providers.map(({ id }) => id)).toEqual([...providerIds]);
  const urls = [...JSON.stringify(world.sandbox.providers).matchAll(/"(https?:[^"]+)"/g)].map(([, url]) => url!);
  expect(urls.filter((url) => !url.startsWith(`${world.sandbox.url}/`))).toEqual([]);
  for (const id of providerIds) expect(describe(world.sandbox, id).credentials.client_secret).toMatch(/^[\w-]{43}$/);
});

test('the app reaches the server by one address and the browser by another', async () => {
  const addresses = { publicUrl: 'http://127.0.0.1:3999', internalUrl: 'http://sandbox.internal:3100' };
  const { sandbox, file } = await clientOf('request-finance', addresses);
  await sandbox.close();
  expect(file.issuer).toBe('http://127.0.0.1:3999/request-finance/');
  expect(file.endpoints!.authorization).toMatch(/^http:\/\/127\.0\.0\.1:3999\//);
  const { token, jwks, userinfo, revocation } = file.endpoints!;
  for (const url of [token, jwks, userinfo, revocation, file.api!.base_url, file.discovery_url])
    expect(url).toMatch(/^http:\/\/sandbox\.internal:3100\//);
});

test.each([
  ['429', 429],
  ['500', 500],
  ['502', 502],
])('the token endpoint and the API can be made to answer %s', async (value, status) => {
  const tokens = await connect();
  await post('/faults', { provider: 'invoiced', token_status: value, api_status: value });
  const answers = [await world.refresh(tokens.refresh_token), await world.api('/invoices', tokens.access_token)];
  expect(answers.map((answer) => answer.status)).toEqual([status, status]);
  if (status === 429) expect(answers[0]!.headers.get('retry-after')).toBe('7');
  if (status === 502) expect(answers[0]!.headers.get('content-type')).toContain('text/html');
});

test('a slow provider is as slow as the switch says, and a reset one hangs up', async () => {
  const { access_token: token } = await connect();
  world.sandbox.control.set('invoiced', { slow: 120 });
  const started = performance.now();
  await world.api('/invoices', token);
  expect(performance.now() - started).toBeGreaterThan(100);
  world.sandbox.control.set('invoiced', { slow: 0, api_status: 'reset' });
  await expect(world.api('/invoices', token)).rejects.toThrow();
});

test.each(['absent', 'text', 'junk'])('expires_in can be written as %s', async (how) => {
  world.sandbox.control.set('invoiced', { expires_in: how });
  const { expires_in: written } = await connect();
  expect(written).toBe({ absent: undefined, text: '3600', junk: 'soon' }[how]);
});

test('a discovery document can name another issuer or fail', async () => {
  const { file } = describe(world.sandbox, 'luca-v2');
  world.sandbox.control.set('luca-v2', { discovery: 'wrong_issuer' });
  expect((await json(fetch(file.discovery_url!)))['issuer']).not.toBe(file.issuer);
  world.sandbox.control.set('luca-v2', { discovery: '500' });
  expect((await fetch(file.discovery_url!)).status).toBe(500);
});

test('a dead grant, an expired token and a missing refresh token are made by switches', async () => {
  const tokens = await connect();
  await post('/faults', { provider: 'invoiced', dead_grant: true });
  expect((await world.refresh(tokens.refresh_token)).status).toBe(400);
  await post('/faults', { provider: 'invoiced', dead_grant: false, expired: true, no_refresh_token: true });
  const expired = await connect();
  expect(expired).not.toHaveProperty('refresh_token');
  expect(expired.expires_in).toBe(3600);
  expect((await world.api('/invoices', expired.access_token)).status).toBe(401);
  await post('/faults', { provider: 'invoiced', expired: false, lifetime: 5 });
  expect((await connect()).expires_in).toBe(5);
});

test('consent can be refused without a person', async () => {
  world.sandbox.control.set('invoiced', { deny_consent: true });
  const browser = new PersonBrowser(world.sandbox.url);
  const { url } = await browser.submit(await browser.open(world.authorizeUrl({ scope: 'read', state: 's1' })));
  expect(url.searchParams.has('code')).toBe(false);
});

test('all grants of a provider end at one word', async () => {
  const tokens = await connect();
  expect(await json(post('/revoke', { provider: 'invoiced' }))).toEqual({ revoked: expect.any(Number) });
  expect((await world.api('/invoices', tokens.access_token)).status).toBe(401);
  expect((await world.refresh(tokens.refresh_token)).status).toBe(400);
});

test('calls are counted by kind, and no token shows in any of it', async () => {
  const tokens = await connect();
  await world.refresh(tokens.refresh_token);
  await world.api('/invoices', tokens.access_token);
  expect((await json(fetch(at('/calls'))))['invoiced']).toMatchObject({ authorize: 1, token: 2, refresh: 1, api: 1 });
  const shown = `${await (await fetch(at('/state'))).text()}${await (await fetch(at(''))).text()}`;
  for (const secret of [tokens.access_token, tokens.refresh_token, world.credentials.client_secret])
    expect(shown).not.toContain(secret);
});

test.each([
  ['an unknown provider', '/faults', { provider: 'constructor', slow: 1 }],
  ['an unknown switch', '/faults', { provider: 'invoiced', __proto: 1 }],
  ['a switch of another provider', '/faults', { provider: 'invoiced', echo_state: true }],
  ['an unknown value', '/faults', { provider: 'invoiced', token_status: '418' }],
  ['a clock that runs backwards', '/clock', { advance_seconds: -1 }],
  ['an unknown realm', '/clients', { provider: 'invoiced', realm: 'luca' }],
])('%s is refused and changes nothing', async (_what, path, body) => {
  const before = world.sandbox.control.state();
  expect((await post(path, body)).status).toBe(400);
  expect(world.sandbox.control.state().providers).toEqual(before.providers);
});

test.each([
  ['another origin', { origin: 'http://localhost:3000' }],
  ['an opaque origin', { origin: 'null' }],
  ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
  ['a same-site fetch', { 'sec-fetch-site': 'same-site' }],
])('a post from %s is refused', async (_what, headers) => {
  expect((await post('/faults', { provider: 'invoiced', dead_grant: true }, headers)).status).toBe(403);
  expect(world.sandbox.control.state().providers['invoiced']!.faults['dead_grant']).toBe(false);
});

test('the page sets a switch by its form', async () => {
  const page = await (await fetch(at(''))).text();
  expect(page).toContain('name="approval_pending"');
  const answer = await fetch(at('/faults'), {
    method: 'POST',
    body: new URLSearchParams({ provider: 'financefeast', approval_pending: 'true' }),
    headers: { accept: 'text/html', origin: world.sandbox.url, 'sec-fetch-site': 'same-origin' },
    redirect: 'manual',
  });
  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    '/control?did=set&provider=financefeast#financefeast',
  ]);
  expect(world.sandbox.control.state().providers['financefeast']!.faults['approval_pending']).toBe(true);
});

test('a further client can be registered, and waits for approval where it should', async () => {
  const wish = { provider: 'financefeast', redirect_uri: 'http://localhost:1/other', approved: 'false' };
  const client = await json(post('/clients', wish));
  const { authorizeUrl, browser } = describe(world.sandbox, 'financefeast');
  const url = authorizeUrl({
    client_id: client['client_id'] as string,
    redirect_uri: 'http://localhost:1/other',
    scope: 'plan',
  });
  expect((await browser.open(url)).status).toBe(403);
  await post('/clients', { client_id: client['client_id'], approved: true });
  expect((await browser.open(url)).status).toBe(200);
});

test('pages run nothing, escape what they are given and cannot be framed', async () => {
  const payload = '"><script>alert(1)</script>';
  const page = await fetch(world.authorizeUrl({ scope: 'read', state: payload }));
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(await page.text()).not.toContain('<script');
});
