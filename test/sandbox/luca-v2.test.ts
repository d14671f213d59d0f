import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { callback, clientOf, json, type Json, type TokenAnswer } from './sandbox-world.js';
import { PersonBrowser, postForm } from './person-browser.js';

let world: Awaited<ReturnType<typeof clientOf>>;
beforeAll(async () => {
  world = await clientOf('luca-v2');
});
afterEach(() => world.sandbox.control.reset());
afterAll(() => world.sandbox.close());

const url = (parameters: Record<string, string | undefined> = {}) =>
  world.authorizeUrl({
    scope: 'accounting.read',
    state: 's1',
    code_challenge: world.pkce.challenge,
    code_challenge_method: 'S256',
    ...parameters,
  });

async function authorize(parameters: Record<string, string | undefined> = {}) {
  return (await new PersonBrowser(world.sandbox.url).allow(url(parameters))).searchParams;
}

async function connect() {
  const { verifier } = world.pkce;
  return json<TokenAnswer>(world.exchange((await authorize()).get('code')!, { code_verifier: verifier }));
}

function ask(token: string, query: string) {
  const init = { method: 'POST', body: JSON.stringify({ query }) };
  return world.api('/api/v1/graphql', token, { 'content-type': 'application/json' }, init);
}

test('the metadata is found at its RFC 8414 address and names the issuer of the callback', async () => {
  const metadata = await json(fetch(`${world.sandbox.url}/.well-known/oauth-authorization-server/luca-v2`));
  expect(metadata).toMatchObject({ issuer: world.file.issuer, authorization_response_iss_parameter_supported: true });
  const query = await authorize();
  expect([query.get('iss'), query.get('state')]).toEqual([world.file.issuer, 's1']);
  world.sandbox.control.set('luca-v2', { callback_iss: 'wrong' });
  expect((await authorize()).get('iss')).not.toBe(world.file.issuer);
  world.sandbox.control.set('luca-v2', { callback_iss: 'missing' });
  expect((await authorize()).has('iss')).toBe(false);
});

test.each([
  ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
  ['with plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['with an unknown scope', { scope: 'everything' }, 'invalid_scope'],
])('an authorization request %s is sent back with an error and iss', async (_what, parameters, error) => {
  const { url: at } = await world.browser.open(url(parameters));
  expect([at.searchParams.get('error'), at.searchParams.get('iss')]).toEqual([error, world.file.issuer]);
});

test('tokens are opaque, and a wrong verifier gives none', async () => {
  const tokens = await connect();
  expect(tokens.access_token).toMatch(/^[\w-]{43}$/);
  expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'accounting.read' });
  const wrong = await world.exchange((await authorize()).get('code')!, { code_verifier: 'x'.repeat(43) });
  expect([wrong.status, await wrong.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
  const secret = await world.exchange('any', { client_secret: 'wrong' });
  expect([secret.status, await secret.json()]).toMatchObject([401, { error: 'invalid_client' }]);
});

test('a replayed refresh token ends the whole authorization', async () => {
  const first = await connect();
  const second = await json<TokenAnswer>(world.refresh(first.refresh_token));
  expect((await ask(second.access_token, '{ companies { nodes { id } } }')).status).toBe(200);
  expect((await world.refresh(first.refresh_token)).status).toBe(400);
  expect((await world.refresh(second.refresh_token)).status).toBe(400);
  expect((await ask(second.access_token, '{ companies { nodes { id } } }')).status).toBe(401);
});

test('a replayed code ends what the first exchange gave', async () => {
  const code = (await authorize()).get('code')!;
  const { verifier } = world.pkce;
  const tokens = await json<TokenAnswer>(world.exchange(code, { code_verifier: verifier }));
  expect((await world.exchange(code, { code_verifier: verifier })).status).toBe(400);
  expect((await world.refresh(tokens.refresh_token)).status).toBe(400);
});

test('revoking the refresh token ends the authorization, as introspection tells', async () => {
  const tokens = await connect();
  const introspect = () =>
    json(
      postForm(`${world.sandbox.url}/luca-v2/oauth/introspect`, { ...world.credentials, token: tokens.access_token }),
    );
  expect(await introspect()).toMatchObject({ active: true, scope: 'accounting.read' });
  expect((await world.revoke({ ...world.credentials, token: tokens.refresh_token })).status).toBe(200);
  expect(await introspect()).toEqual({ active: false });
});

test('every field wants a company of the person', async () => {
  const { access_token: token } = await connect();
  const code = async (query: string) => {
    const body = await json<{ errors: { extensions: Json }[] }>(ask(token, query));
    return body.errors[0]!.extensions['code'];
  };
  expect(await code('{ saleInvoices { nodes { id } } }')).toBe('VALIDATION_FAILED');
  expect(await code('{ saleInvoices(companyId: "Q29tMw") { nodes { id } } }')).toBe('FORBIDDEN');
  const own = await json<{ data: Json }>(
    ask(token, '{ saleInvoices(companyId: "Q29tMQ", first: 1) { nodes { id } } }'),
  );
  expect(own.data['saleInvoices']).toMatchObject({ nodes: [{}] });
});

test('a 401 points to the protected resource metadata', async () => {
  const answer = await ask('unknown', '{ companies { nodes { id } } }');
  const pointer = /resource_metadata="([^"]+)"/.exec(answer.headers.get('www-authenticate')!)![1]!;
  expect(await json(fetch(pointer))).toMatchObject({ authorization_servers: [world.file.issuer] });
});

test('a public client exchanges without a secret', async () => {
  const client = world.sandbox.control.addClient({
    provider: 'luca-v2',
    redirectUri: callback('luca-v2'),
    public: true,
  });
  const code = (await authorize({ client_id: client!.id })).get('code')!;
  const tokens = await postForm(world.file.endpoints!.token!, {
    grant_type: 'authorization_code',
    client_id: client!.id,
    code,
    code_verifier: world.pkce.verifier,
  });
  expect(tokens.status).toBe(200);
});
