import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { TokenEndpointResponse } from 'openid-client';
import { parse } from 'yaml';
import { createBrowser } from './browser.js';
import { connect } from './journey.js';
import { freePort } from './listen.js';
import { startMisbehaving } from './misbehaving.js';
import { startOidcProvider } from './oidc-provider.js';
import type { OidcProvider, OidcProviderOptions } from './oidc-provider.js';
import { startRelyingParty } from './relying-party.js';
import type { RelyingParty } from './relying-party.js';
import { drip } from './reply.js';
import { send } from './transport.js';
import { startUpstream } from './upstream.js';

interface Scene {
  provider: OidcProvider;
  party: RelyingParty;
}

async function withProvider(
  options: Partial<OidcProviderOptions>,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const provider = await startOidcProvider({
    redirectUris: [`http://127.0.0.1:${port}/connect/acme/callback`],
    ...options,
  });
  const party = await startRelyingParty({ port, ...provider });
  try {
    await work({ provider, party });
  } finally {
    await party.close();
    await provider.close();
  }
}

test('a person connects through the pages of oidc-provider, and openid-client is content', async () => {
  await withProvider({}, async ({ provider, party }) => {
    const journey = await connect(createBrowser(party.origin), 'acme', { values: { login: 'ada' } });
    expect(journey.finalUrl.pathname).toBe('/done');
    expect(journey.pages.map(({ text }) => /<title>(.*?)<\/title>/.exec(text)?.[1])).toEqual([
      'Sign in',
      'Allow access?',
    ]);
    expect(journey.authorizationUrl?.searchParams.get('code_challenge_method')).toBe('S256');
    const tokens = party.result as TokenEndpointResponse;
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ iss: provider.issuer, sub: 'ada' });
    expect(tokens).toMatchObject({ expires_in: 3600, scope: 'openid profile email offline_access' });
    expect(provider.tokenCalls).toBe(1);
  });
});

test('a person refuses on the pages of oidc-provider', async () => {
  await withProvider({}, async ({ provider, party }) => {
    const journey = await connect(createBrowser(party.origin), 'acme', { consent: false });
    expect(journey.callbackUrl?.searchParams.get('error')).toBe('access_denied');
    expect(party.result).toBeInstanceOf(Error);
    expect(provider.tokenCalls).toBe(0);
  });
});

test('a journey can stop before the callback, with nothing exchanged', async () => {
  await withProvider({}, async ({ provider, party }) => {
    const journey = await connect(createBrowser(party.origin), 'acme', { stopAt: 'callback' });
    expect(journey.callbackUrl?.searchParams.get('code')).toBeTruthy();
    expect(provider.tokenCalls).toBe(0);
  });
});

test.each([
  { rotation: true, changes: true },
  { rotation: false, changes: false },
])('oidc-provider with rotation $rotation', async ({ rotation, changes }) => {
  await withProvider({ rotation, accessTokenLifetime: 7 }, async ({ party }) => {
    await connect(createBrowser(party.origin), 'acme');
    const first = party.result as TokenEndpointResponse;
    const second = await party.refresh(first.refresh_token ?? '');
    expect(second.expires_in).toBe(7);
    expect(second.refresh_token !== first.refresh_token).toBe(changes);
    const again = party.refresh(first.refresh_token ?? '');
    if (rotation) await expect(again).rejects.toMatchObject({ error: 'invalid_grant' });
    else await expect(again).resolves.toMatchObject({ token_type: 'bearer' });
  });
});

test('oidc-provider issues JWT access tokens for a resource, and opaque ones without', async () => {
  for (const resource of [undefined, 'https://api.acme.test']) {
    await withProvider(resource === undefined ? {} : { resource }, async ({ party }) => {
      await connect(createBrowser(party.origin), 'acme');
      const { access_token } = party.result as TokenEndpointResponse;
      expect(access_token.split('.')).toHaveLength(resource === undefined ? 1 : 3);
      if (resource !== undefined) expect(decodeJwt(access_token).aud).toBe(resource);
    });
  }
});

test('oidc-provider answers discovery and revocation, and its file names it', async () => {
  await withProvider({ id: 'my-oidc' }, async ({ provider, party }) => {
    const found = await send({
      method: 'GET',
      url: new URL(`${provider.issuer}/.well-known/openid-configuration`),
      headers: {},
    });
    expect(found.json).toMatchObject({ issuer: provider.issuer, code_challenge_methods_supported: ['S256'] });
    expect(parse(provider.providerFile())).toMatchObject({ id: 'my-oidc', issuer: provider.issuer });
    await connect(createBrowser(party.origin), 'acme');
    const { refresh_token = '' } = party.result as TokenEndpointResponse;
    const { revocation_endpoint } = found.json as { revocation_endpoint: string };
    const { clientId: client_id, clientSecret: client_secret } = provider;
    const revoked = await createBrowser(provider.issuer).post(revocation_endpoint, {
      form: { token: refresh_token, client_id, client_secret },
    });
    expect(revoked.status).toBe(200);
    expect(provider.revocationCalls).toBe(1);
    await expect(party.refresh(refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

test('a person connects at the misbehaving server while it behaves', async () => {
  const port = await freePort();
  const server = await startMisbehaving({ issParameter: true });
  const party = await startRelyingParty({ port, issuer: server.issuer, ...server.options });
  const journey = await connect(createBrowser(party.origin), 'acme');
  expect(journey.pages).toHaveLength(0);
  expect(party.result).toMatchObject({ token_type: 'bearer' });
  expect(server.calls).toMatchObject({ authorization: 1, token: 1, jwks: 1, discovery: 1 });
  server.bend.authorization = { mode: 'form_post' };
  expect((await connect(createBrowser(party.origin), 'acme')).pages).toHaveLength(1);
  await party.close();
  await server.close();
});

test('the upstream remembers what it was sent, to the byte', async () => {
  const upstream = await startUpstream({ accepts: (token) => token === 'good' });
  const body = Buffer.from([0, 255, 13, 10]);
  const headers = { authorization: 'Bearer good', 'X-Odd-CASE': 'kept' };
  const answer = await createBrowser(upstream.origin).post('/a//b%2Fc?q=%20', { body, headers });
  expect(answer.status).toBe(200);
  expect(upstream.last).toMatchObject({
    method: 'POST',
    url: '/a//b%2Fc?q=%20',
    bearer: 'good',
    length: 4,
    aborted: false,
  });
  expect(upstream.last.rawHeaders).toEqual(expect.arrayContaining(['X-Odd-CASE', 'kept']));
  expect(upstream.last.hash).toBe(createHash('sha256').update(body).digest('hex'));
  expect((await createBrowser(upstream.origin).get('/x', { headers: { authorization: 'Bearer bad' } })).status).toBe(
    401,
  );
  await upstream.close();
});

test('the upstream answers as it is told: once, in pieces, or broken', async () => {
  const upstream = await startUpstream();
  const browser = createBrowser(upstream.origin);
  upstream.answer('/once', { status: 503 }, { times: 1 });
  expect([(await browser.get('/once')).status, (await browser.get('/once')).status]).toEqual([503, 200]);
  upstream.answer('/pieces', () => ({
    headers: { 'content-type': 'text/event-stream' },
    body: drip(['data: 1\n\n', 'data: 2\n\n'], 1),
  }));
  expect((await browser.get('/pieces')).text).toBe('data: 1\n\ndata: 2\n\n');
  upstream.answer('/cut', { headers: { 'content-length': '10' }, body: 'four', after: 'cut' });
  await expect(browser.get('/cut')).rejects.toThrow(/aborted/);
  upstream.answer('/early', { interim: { status: 103, headers: { link: '</x>' } }, body: 'late' });
  expect(await browser.get('/early')).toMatchObject({ status: 200, text: 'late' });
  await upstream.close();
});

test('the upstream notices a caller who leaves', async () => {
  const upstream = await startUpstream();
  upstream.answer('/hang', { instead: 'hang' });
  const [arrived, left] = [upstream.nextRequest(), upstream.nextAbort()];
  const controller = new AbortController();
  const call = fetch(`${upstream.origin}/hang`, { signal: controller.signal });
  expect(await arrived).toMatchObject({ aborted: false });
  controller.abort();
  await expect(call).rejects.toThrow();
  expect(await left).toMatchObject({ url: '/hang', aborted: true });
  await upstream.close();
});
