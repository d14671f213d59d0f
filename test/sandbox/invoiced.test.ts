import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { callback, claims, clientOf, json, type Json, type TokenAnswer } from './sandbox-world.js';
import { PersonBrowser } from './person-browser.js';

let world: Awaited<ReturnType<typeof clientOf>>;
beforeAll(async () => {
  world = await clientOf('invoiced');
});
afterEach(() => world.sandbox.control.reset());
afterAll(() => world.sandbox.close());

const url = (parameters: Record<string, string | undefined> = {}) =>
  world.authorizeUrl({ scope: 'read_write', state: 's1', ...parameters });

async function connect(parameters: Record<string, string | undefined> = {}, values: Record<string, string> = {}) {
  const at = await new PersonBrowser(world.sandbox.url).allow(url(parameters), undefined, values);
  return json<TokenAnswer>(world.exchange(at.searchParams.get('code')!));
}

test('a person chooses a company, and the tokens are bound to it and League-shaped', async () => {
  const tokens = await connect({}, { company: '15044' });
  expect(Object.keys(tokens)).toEqual(['token_type', 'expires_in', 'access_token', 'refresh_token']);
  expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  expect(tokens.refresh_token).toMatch(/^def502[0-9a-f]+$/);
  const payload = claims(tokens.access_token);
  expect(payload).toMatchObject({ sub: 'tenant:15044', scopes: ['read_write'], aud: world.credentials.client_id });
  expect(Number.isInteger(payload['iat']) && Number.isInteger(payload['exp'])).toBe(false);
});

test('sign-in, company and consent take two clicks, and one the next time', async () => {
  const browser = new PersonBrowser(world.sandbox.url);
  const first = await browser.allow(url());
  expect([first.searchParams.has('code'), browser.pagesSeen]).toEqual([true, 2]);
  await browser.allow(url());
  expect(browser.pagesSeen).toBe(3);
});

test('a person without a company sees a page and goes nowhere', async () => {
  const browser = new PersonBrowser(world.sandbox.url);
  const page = await browser.submit(await browser.open(url()), undefined, { username: 'nina@example.org' });
  expect([page.status, page.url.origin]).toEqual([400, world.sandbox.url]);
  expect(page.html).toContain('not a member of any company');
});

test('a wrong password is told on the sign-in page', async () => {
  const page = await world.browser.submit(await world.browser.open(url()), undefined, { password: 'wrong' });
  expect([page.status, page.html.includes('name="password"')]).toEqual([401, true]);
});

test('a refusal carries state and error_description, and neither error nor code', async () => {
  const browser = new PersonBrowser(world.sandbox.url);
  const { url: at } = await browser.submit(await browser.submit(await browser.open(url())), 'deny');
  expect(at.href.startsWith(`${callback('invoiced')}?`)).toBe(true);
  expect([...at.searchParams.keys()].sort()).toEqual(['error_description', 'state']);
});

test.each([
  ['scope', { scope: 'openid' }],
  ['redirect URI', { redirect_uri: 'http://localhost:1/elsewhere' }],
  ['client', { client_id: 'nobody' }],
  ['response type', { response_type: 'token' }],
])('an authorization request with a wrong %s ends on a page', async (_what, parameters) => {
  const page = await world.browser.open(url(parameters));
  expect([page.status, page.url.origin]).toEqual([400, world.sandbox.url]);
});

test('every refusal of the token endpoint is a 400 with type and message', async () => {
  const at = await world.browser.allow(url({ code_challenge: world.pkce.challenge, code_challenge_method: 'S256' }));
  const refusals = [
    await world.exchange('unknown'),
    await world.exchange('unknown', { client_secret: 'wrong' }),
    await world.exchange(at.searchParams.get('code')!),
    await world.exchange((await world.browser.allow(url())).searchParams.get('code')!, {
      code_verifier: world.pkce.verifier,
    }),
    await world.exchange((await world.browser.allow(url())).searchParams.get('code')!, { redirect_uri: 'http://x' }),
    await world.refresh('unknown'),
    await world.tokenCall({ grant_type: 'password' }),
  ];
  expect(refusals.map(({ status }) => status)).toEqual(Array(7).fill(400));
  const bodies = await Promise.all(refusals.map((one) => one.json() as Promise<Json>));
  expect(bodies.map((body) => Object.keys(body).join())).toEqual(Array(7).fill('type,message'));
  expect(bodies[1]!['message']).toBe('Client authentication failed');
  expect(bodies[5]!['message']).toBe('The refresh token is invalid.');
});

test('a switch makes the refusals those of a plain League server', async () => {
  world.sandbox.control.set('invoiced', { error_shape: 'league8' });
  const eight = await world.refresh('unknown');
  expect([eight.status, await eight.json()]).toMatchObject([401, { error: 'invalid_request' }]);
  world.sandbox.control.set('invoiced', { error_shape: 'league9' });
  const nine = await world.refresh('unknown');
  expect([nine.status, await nine.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
});

test('a refresh ends the old refresh token and the old access token at once', async () => {
  const old = await connect();
  const fresh = await json<TokenAnswer>(world.refresh(old.refresh_token));
  expect((await world.api('/invoices', old.access_token)).status).toBe(401);
  expect((await world.api('/invoices', fresh.access_token)).status).toBe(200);
  expect((await world.refresh(old.refresh_token)).status).toBe(400);
});

test('codes die after ten minutes, access tokens after an hour, refresh tokens after a year', async () => {
  const at = await world.browser.allow(url());
  const tokens = await connect();
  world.sandbox.control.advance(600);
  expect((await world.exchange(at.searchParams.get('code')!)).status).toBe(400);
  world.sandbox.control.advance(3000);
  expect((await world.api('/invoices', tokens.access_token)).status).toBe(401);
  world.sandbox.control.advance(31_536_000);
  expect((await world.refresh(tokens.refresh_token)).status).toBe(400);
});

test('revocation takes an access token, wants no secret, and answers 204', async () => {
  const tokens = await connect();
  expect((await world.revoke({ token: tokens.refresh_token })).status).toBe(400);
  expect((await world.revoke({ token: tokens.access_token })).status).toBe(204);
  expect((await world.api('/invoices', tokens.access_token)).status).toBe(401);
  expect((await world.refresh(tokens.refresh_token)).status).toBe(200);
});

test('pages come in order, with absolute links and the total', async () => {
  const { access_token: token } = await connect();
  const third = await world.api('/invoices?per_page=20&page=3', token);
  expect(third.status).toBe(400);
  const first = await world.api('/invoices?per_page=20', token);
  expect(Number(first.headers.get('x-total-count'))).toBeGreaterThan(100);
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link')!)![1]!;
  expect(next).toBe(`${world.file.api!.base_url!}/invoices?per_page=20&page=2`);
  expect((await world.api('/invoices?per_page=20&page=2', token)).status).toBe(200);
  expect((await world.api('/invoices?per_page=20&page=3', token)).status).toBe(200);
});

test('an invoice comes as JSON or as PDF', async () => {
  const { access_token: token } = await connect();
  const [invoice] = (await (await world.api('/invoices', token)).json()) as { id: number }[];
  const pdf = await world.api(`/invoices/${invoice!.id}`, token, { accept: 'application/pdf' });
  expect(pdf.headers.get('content-type')).toContain('application/pdf');
  expect(await pdf.text()).toMatch(/^%PDF-1\.4/);
});

test('a write happens once per Idempotency-Key, and not at all with the scope read', async () => {
  const { access_token: token } = await connect();
  const [customer] = (await (await world.api('/customers', token)).json()) as { id: number }[];
  const init = {
    method: 'POST',
    body: JSON.stringify({ customer: customer!.id, items: [{ name: 'Tea', unit_cost: 4 }] }),
  };
  const write = (key: string, by = token) =>
    world.api('/invoices', by, { 'content-type': 'application/json', 'idempotency-key': key }, init);
  const [one, two, other] = [await json(write('a')), await json(write('a')), await json(write('b'))];
  expect(two['id']).toBe(one['id']);
  expect(other['id']).not.toBe(one['id']);
  const reader = await connect({ scope: 'read' });
  expect((await write('c', reader.access_token)).status).toBe(403);
});

test('production knows neither the client nor the companies of the sandbox', async () => {
  const { authorization } = world.file.environments!['production']!.endpoints!;
  const unknown = await world.browser.open(url().replace(world.file.endpoints!.authorization!, authorization!));
  expect(unknown.status).toBe(400);
  const [client] = world.sandbox.control.clients('invoiced').filter(({ realm }) => realm === 'invoiced/production');
  const production = url({ client_id: client!.id }).replace(world.file.endpoints!.authorization!, authorization!);
  const browser = new PersonBrowser(world.sandbox.url);
  const page = await browser.submit(await browser.open(production));
  expect(page.html).toContain('No. 90217');
  expect(page.html).not.toContain('15012');
});
