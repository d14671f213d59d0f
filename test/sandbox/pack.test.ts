import { afterAll, beforeAll, describe as group, expect, test } from '@jest/globals';
import { openCatalogue } from '../../src/providers/catalogue.js';
import { callback, clientOf, json, type TokenAnswer } from './sandbox-world.js';

/** The engine that plays a provider by its file refuses what the file does not say: otherwise it would show nothing. */
const catalogue = openCatalogue();
const play = (id: string) => clientOf(id, { pack: [catalogue.get(id)!.definition] });
type World = Awaited<ReturnType<typeof play>>;

const codeOf = async ({ browser, authorizeUrl, pkce }: World, parameters: Record<string, string>) => {
  const challenge = { code_challenge: pkce.challenge, code_challenge_method: 'S256' };
  const back = await browser.allow(authorizeUrl({ state: 's', ...challenge, ...parameters }));
  return back.searchParams.get('code')!;
};

group('a server that takes JSON and Basic, and a header on every call', () => {
  let world: World;
  let token: string;
  beforeAll(async () => {
    world = await play('notion');
  });
  afterAll(() => world.sandbox.close());

  const ask = (fields: Record<string, string>, { basic = true, asJson = true, version = '2025-09-03' } = {}) => {
    const { client_id: id, client_secret: secret } = world.credentials;
    const all = basic ? fields : { ...fields, client_id: id, client_secret: secret };
    return fetch(world.file.endpoints!.token!, {
      method: 'POST',
      body: asJson ? JSON.stringify(all) : new URLSearchParams(all),
      headers: {
        ...(asJson && { 'content-type': 'application/json' }),
        ...(basic && { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }),
        'notion-version': version,
      },
    });
  };
  const grant = async () => ({
    ...{ grant_type: 'authorization_code', redirect_uri: callback('notion'), code_verifier: world.pkce.verifier },
    code: await codeOf(world, { owner: 'user' }),
  });

  test('an authorization request without the parameter that the file fixes stays on its own page', async () => {
    const page = await world.browser.open(world.authorizeUrl({ state: 's' }));
    expect([page.status, page.html]).toEqual([400, expect.stringContaining('The parameter owner is missing')]);
  });

  test('a form, a secret in the body or a missing header gets no token', async () => {
    expect((await ask(await grant(), { asJson: false })).status).toBe(400);
    expect((await ask(await grant(), { basic: false })).status).toBe(401);
    expect((await ask(await grant(), { version: '2020-01-01' })).status).toBe(400);
  });

  test('asked as the file says, it gives one, and a code is good once', async () => {
    const fields = await grant();
    const answer = await ask(fields);
    expect(answer.status).toBe(200);
    token = ((await answer.json()) as TokenAnswer).access_token;
    expect((await ask(fields)).status).toBe(400);
  });

  test('a call needs the header and the right scheme', async () => {
    const call = (headers: Record<string, string>) => world.api('/v1/users/me', undefined, headers);
    const [version, accept] = [{ 'notion-version': '2025-09-03' }, { accept: 'application/json' }];
    expect((await call({ ...accept, ...version, authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await call({ ...accept, authorization: `Bearer ${token}` })).status).toBe(400);
    expect((await call({ ...accept, ...version, authorization: `Token ${token}` })).status).toBe(401);
    expect((await call({ ...accept, ...version, authorization: 'Bearer another' })).status).toBe(401);
  });

  test('the revocation ends the token that it names, and refuses one that it does not know', async () => {
    const { client_id: id, client_secret: secret } = world.credentials;
    const revoke = (value: string) =>
      fetch(world.file.endpoints!.revocation!, {
        method: 'POST',
        body: JSON.stringify({ token: value }),
        headers: {
          'content-type': 'application/json',
          authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
          'notion-version': '2025-09-03',
        },
      });
    expect((await revoke('another')).status).toBe(400);
    expect((await revoke(token)).status).toBe(200);
    const headers = { accept: 'application/json', 'notion-version': '2025-09-03' };
    expect((await world.api('/v1/users/me', token, headers)).status).toBe(401);
  });
});

test('a refresh token that rotates is good once, and ends when nobody uses it', async () => {
  const world = await play('pennylane');
  const code = await codeOf(world, { scope: 'customers:readonly' });
  const first = await json<TokenAnswer>(world.exchange(code, { code_verifier: world.pkce.verifier }));
  const second = await json<TokenAnswer>(world.refresh(first.refresh_token));
  expect(second.access_token).not.toBe(first.access_token);
  expect((await world.refresh(first.refresh_token)).status).toBe(400);
  world.sandbox.control.advance(91 * 86_400);
  expect((await world.refresh(second.refresh_token)).status).toBe(400);
  await world.sandbox.close();
});

test('a refresh token that does not rotate stays good, with no other in the answer', async () => {
  const world = await play('zoho-books');
  const back = await world.browser.allow(
    world.authorizeUrl({ state: 's', scope: 'ZohoBooks.settings.READ', access_type: 'offline', prompt: 'consent' }),
  );
  // The data centre that the callback names is the one where the code is redeemed.
  const token = world.file.endpoints!.token!.replace('{centre}', 'zoho.com');
  expect(back.searchParams.get('location')).toBe('us');
  const ask = (fields: Record<string, string>) =>
    fetch(token, { method: 'POST', body: new URLSearchParams({ ...world.credentials, ...fields }) });
  const code = back.searchParams.get('code')!;
  const redeem = { grant_type: 'authorization_code', code, redirect_uri: callback('zoho-books') };
  const { refresh_token: refreshToken } = await json<TokenAnswer>(ask(redeem));
  for (let times = 0; times < 2; times += 1) {
    const renewed = await json<TokenAnswer>(ask({ grant_type: 'refresh_token', refresh_token: refreshToken }));
    expect([typeof renewed.access_token, renewed.refresh_token]).toEqual(['string', undefined]);
  }
  // A refusal comes with 200 there.
  expect(await json(ask({ grant_type: 'refresh_token', refresh_token: 'another' }))).toMatchObject({
    error: 'invalid_code',
  });
  await world.sandbox.close();
});
