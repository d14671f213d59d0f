import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { callback, clientOf, json, type Json, type TokenAnswer } from './sandbox-world.js';
import { PersonBrowser, postForm } from './person-browser.js';

let world: Awaited<ReturnType<typeof clientOf>>;
let nonces = 0;
beforeAll(async () => {
  world = await clientOf('financefeast');
});
afterEach(() => world.sandbox.control.reset());
afterAll(() => world.sandbox.close());

const url = (parameters: Record<string, string | undefined> = {}) =>
  world.authorizeUrl({ scope: 'openid profile plan', state: 's1', nonce: `n${++nonces}`, ...parameters });

async function newCode() {
  return (await new PersonBrowser(world.sandbox.url).allow(url())).searchParams.get('code')!;
}

async function connect() {
  return json<TokenAnswer>(world.exchange(await newCode()));
}

test('the token answer has ten days, expires_at last, and neither ID token nor refresh token', async () => {
  const tokens = await connect();
  expect(Object.keys(tokens)).toEqual(['access_token', 'expires_in', 'scope', 'token_type', 'expires_at']);
  expect(tokens).toMatchObject({ expires_in: 864_000, token_type: 'Bearer', scope: 'openid profile plan' });
  expect(tokens.access_token).toMatch(/^[A-Za-z0-9]{42}$/);
  world.sandbox.control.set('financefeast', { expires_at: false, id_token: 'normal' });
  expect(Object.keys(await connect())).toEqual(['access_token', 'expires_in', 'id_token', 'scope', 'token_type']);
});

test('a person who denies is sent back with access_denied', async () => {
  const browser = new PersonBrowser(world.sandbox.url);
  const { url: at } = await browser.submit(await browser.submit(await browser.open(url())), 'deny');
  expect([at.searchParams.get('error'), at.searchParams.get('state')]).toEqual(['access_denied', 's1']);
});

test('a nonce is wanted, once each, unless a switch says otherwise', async () => {
  const errorOf = async (nonce: string | undefined) =>
    (await world.browser.open(url({ nonce }))).url.searchParams.get('error');
  expect(await errorOf(undefined)).toBe('invalid_request');
  expect(await errorOf('once')).toBeNull();
  expect(await errorOf('once')).toBe('invalid_request');
  world.sandbox.control.set('financefeast', { nonce_check: false });
  expect(await errorOf('once')).toBeNull();
});

test('all five parameters are demanded, in the form', async () => {
  const all: Record<string, string> = {
    grant_type: 'authorization_code',
    code: await newCode(),
    redirect_uri: callback('financefeast'),
    ...world.credentials,
  };
  const { token } = world.file.endpoints!;
  for (const name of Object.keys(all)) {
    const answer = await postForm(token!, Object.fromEntries(Object.entries(all).filter(([one]) => one !== name)));
    expect([name, answer.status]).toEqual([name, 400]);
  }
  const { client_id: id, client_secret: secret, ...rest } = all;
  const basic = { authorization: `Basic ${Buffer.from(`${id!}:${secret!}`).toString('base64')}` };
  expect(await json(postForm(token!, rest, basic))).toMatchObject({ error: 'invalid_client' });
  const asJson = { method: 'POST', body: JSON.stringify(all), headers: { 'content-type': 'application/json' } };
  expect((await fetch(token!, asJson)).status).toBe(400);
  expect((await postForm(token!, all)).status).toBe(200);
  expect(await json(postForm(token!, all))).toMatchObject({ error: 'invalid_grant' });
});

test('there is no refresh grant, and a code lives five minutes', async () => {
  expect(await json(world.refresh('any'))).toMatchObject({ error: 'unsupported_grant_type' });
  const code = await newCode();
  world.sandbox.control.advance(300);
  expect(await json(world.exchange(code))).toMatchObject({ error: 'invalid_grant' });
});

test('a client that waits for approval can neither authorize nor exchange', async () => {
  const code = await newCode();
  world.sandbox.control.set('financefeast', { approval_pending: true });
  const page = await world.browser.open(url());
  expect([page.status, page.html.includes('Awaiting approval')]).toEqual([403, true]);
  expect(await json(world.exchange(code))).toMatchObject({ error: 'invalid_client' });
  world.sandbox.control.reset();
  expect((await world.exchange(code)).status).toBe(200);
});

test('the API says 403 to a missing, unknown or expired token, and shows prices to a good one', async () => {
  const { access_token: token } = await connect();
  expect((await world.api('/data/eod?ticker=air.nz')).status).toBe(403);
  expect((await world.api('/oauth/validate', 'unknown')).status).toBe(403);
  expect((await world.api('/data/eod?ticker=nope.nz', token)).status).toBe(404);
  const answer = await world.api('/data/eod?ticker=air.nz&date_from=2024-03-01&date_to=2024-03-08', token);
  expect(Number(answer.headers.get('x-ratelimit-remaining'))).toBeGreaterThan(0);
  const prices = (await answer.json()) as { data: Json[]; hits: number };
  expect(prices).toMatchObject({ ticker: 'air.nz', company_name: 'Air New Zealand Limited', hits: 6 });
  for (const { low, open, close, high } of prices.data as Record<string, number>[])
    expect(low! <= Math.min(open!, close!) && Math.max(open!, close!) <= high!).toBe(true);
  expect(await json(world.api('/oauth/validate', token))).toMatchObject({ valid: true, email: 'jo@example.org' });
  world.sandbox.control.advance(864_000);
  expect((await world.api('/oauth/validate', token)).status).toBe(403);
});
