import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingOptions, type MisbehavingServer } from '../world/misbehaving.js';
import { clientEnvironment, createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { jsonReply, type Reply } from '../world/reply.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import { spoken, type ConnectionJson } from './provider-world.js';

interface Quirk {
  options?: MisbehavingOptions;
  /** Keys of the file. */
  more?: (server: MisbehavingServer) => Record<string, unknown>;
  protocol?: 'oauth2';
}

const strange = 'a-b_c.d:e~f%2B+/=?& é☂"\\';
const quirks: Record<string, Quirk> = {
  plain: {},
  'with-slash': { more: ({ issuer }) => ({ issuer: `${issuer}/` }) },
  'odd-address': {
    options: { issuerPath: '/tenant/a' },
    more: ({ issuer }) => ({ discovery_url: `${issuer}/.well-known/openid-configuration` }),
  },
  'path-issuer': { options: { issuerPath: '/tenant/a' } },
  'by-hand': {
    more: ({ base }) => ({
      endpoints: {
        authorization: `${base}/authorize`,
        token: `${base}/token`,
        jwks: `${base}/jwks`,
        revocation: `${base}/revoke`,
      },
    }),
  },
  // Metadata that says too little, completed by hand.
  incomplete: {
    more: ({ base }) => ({ endpoints: { revocation: `${base}/revoke`, jwks: `${base}/jwks` } }),
  },
  'path-oauth2': {
    options: { issuerPath: '/as' },
    protocol: 'oauth2',
    more: ({ issuer }) => ({ issuer, endpoints: null }),
  },
  'strange-post': { options: { clientSecret: strange } },
  'strange-basic': {
    options: { clientSecret: strange },
    more: () => ({ client_authentication: 'client_secret_basic' }),
  },
  public: { options: { clientSecret: '' }, more: () => ({ client_authentication: 'none' }) },
  // In the manner of servers that answer each request with 200.
  'at-200': {
    more: () => ({
      token: {
        errors: {
          refused_at_200: ['error'],
          messages: [{ member: 'error', is: 'incorrect_client_credentials', code: 'invalid_client' }],
        },
      },
    }),
  },
  'safe-raw': {
    options: { clientSecret: 'a-b_c.d:e~f' },
    more: () => ({ client_authentication: 'client_secret_basic_raw' }),
  },
};

const sayingTooLittle = { body: { revocation_endpoint: undefined, jwks_uri: undefined } };
const servers = new Map<string, MisbehavingServer>();
let upstream: Upstream;
let directory: ProvidersDirectory;
let app: App;

beforeAll(async () => {
  upstream = await startUpstream();
  const files: Record<string, string> = {};
  const env: Record<string, string> = {};
  const now = () => (app as App | undefined)?.now() ?? Date.now();
  const start = async ([id, quirk]: [string, Quirk]) =>
    [id, quirk, await startMisbehaving({ ...quirk.options, now })] as const;
  for (const [id, { more, protocol }, server] of await Promise.all(Object.entries(quirks).map(start))) {
    servers.set(id, server);
    if (id === 'incomplete') server.bend.discovery = { body: { revocation_endpoint: undefined, jwks_uri: undefined } };
    const keys = { apiBase: upstream.origin, more: more?.(server) ?? {} };
    files[id] = server.providerFile({ id, ...keys, ...(protocol ? { protocol } : {}) });
    Object.assign(env, clientEnvironment(id, server.options.clientId, server.options.clientSecret));
  }
  directory = await createProvidersDirectory(files);
  app = await startApp({ PROVIDERS_DIR: directory.path, ...env });
});
beforeEach(() => {
  for (const server of servers.values()) server.reset();
  at('incomplete').bend.discovery = sayingTooLittle;
});
afterAll(async () => {
  await app.close();
  await Promise.all([...servers.values()].map((server) => server.close()));
  await Promise.all([upstream.close(), directory.remove()]);
});

const at = (id: string) => servers.get(id)!;
const state = async (browser: Browser, id = 'plain') =>
  (await browser.api.get(`/api/connections/${id}`)).json as ConnectionJson;
async function connected(id = 'plain'): Promise<Browser> {
  const browser = createBrowser(app.url);
  const { finalUrl } = await connect(browser, id);
  expect(finalUrl.search).toContain(`connected=${id}`);
  return browser;
}

test.each(Object.keys(quirks))('%s: connect, call, renew, disconnect', async (id) => {
  const browser = await connected(id);
  expect((await browser.api.get(`/proxy/${id}/x`)).status).toBe(200);
  app.forward(3600);
  expect((await browser.api.get(`/proxy/${id}/x`)).status).toBe(200);
  expect((await state(browser, id)).last_refresh?.result).toBe('rotated');
  const gone = (await browser.api.delete(`/api/connections/${id}`)).json as { revocation: string };
  expect(gone.revocation).toBe('revoked');
});

describe('refresh answers', () => {
  test.each([
    ['without an ID token', { id_token: undefined }, 'rotated'],
    ['without a refresh token', { refresh_token: undefined }, 'refreshed'],
    ['without a scope', { scope: undefined }, 'rotated'],
    ['with a null for what is not there', { id_token: null, scope: null }, 'rotated'],
    [
      'with members that nobody knows',
      { ext_expires_in: 9, user: { id: 1 }, status: 'ok', not_before: null },
      'rotated',
    ],
    ['with created_at', { created_at: 1_700_000_000 }, 'rotated'],
    ['with token_type in capitals', { token_type: 'BEARER' }, 'rotated'],
  ])('%s renew the connection', async (_what, body, result) => {
    const browser = await connected();
    const before = await state(browser);
    at('plain').bend = { token: { on: 'refresh_token', body } };
    app.forward(3600);
    expect((await browser.api.get('/proxy/plain/x')).status).toBe(200);
    const after = await state(browser);
    expect(after).toMatchObject({ status: 'connected', last_refresh: { result } });
    expect(after.scopes).toEqual(before.scopes);
  });

  test.each([
    ['sooner', -1800, 'expires_at', 1800],
    ['later', 7200, 'expires_in', 3600],
  ])('an expires_at that is %s than expires_in', async (_what, difference, source, seconds) => {
    const expires_at = Math.floor(app.now() / 1000) + 3600 + difference;
    at('plain').bend = { token: { body: { expires_at } } };
    const { access } = await state(await connected());
    expect(access?.source).toBe(source);
    expect(Math.abs((access?.expires_in ?? 0) - seconds)).toBeLessThan(5);
  });
});

describe('refusals of a refresh', () => {
  const challenge = (value: string, body = ''): Reply => ({
    status: 401,
    headers: { 'www-authenticate': value },
    body,
  });
  test.each<[string, Reply, [number, string], string]>([
    [
      'a code in WWW-Authenticate alone',
      challenge('Bearer error="invalid_grant"'),
      [401, 'reauth_required'],
      'reauth_required',
    ],
    [
      'another in WWW-Authenticate alone',
      challenge('Basic realm="x", error="invalid_client"'),
      [502, 'provider_misconfigured'],
      'connected',
    ],
    ['a challenge for Basic', challenge('Basic realm="x"'), [502, 'provider_misconfigured'], 'connected'],
    ['no body at all', { status: 400 }, [401, 'reauth_required'], 'reauth_required'],
    ['a code with 403', jsonReply({ error: 'invalid_grant' }, 403), [401, 'reauth_required'], 'reauth_required'],
    [
      'consent that is required',
      jsonReply({ error: 'consent_required' }, 400),
      [401, 'reauth_required'],
      'reauth_required',
    ],
    [
      'a server that is busy',
      jsonReply({ error: 'temporarily_unavailable' }, 400),
      [503, 'refresh_unavailable'],
      'provider_unavailable',
    ],
  ])('%s', async (_what, reply, answer, status) => {
    const browser = await connected();
    at('plain').bend = { token: { on: 'refresh_token', reply } };
    app.forward(3600);
    expect(spoken(await browser.api.get('/proxy/plain/x'))).toEqual(answer);
    const seen = (await state(browser)).status;
    // An expired token whose renewal is left alone for a while is no fault of the connection.
    expect(status === 'connected' ? ['connected', 'provider_unavailable'] : [status]).toContain(seen);
  });
});

test.each<[string, [number, string]]>([
  ['bad_refresh_token', [401, 'reauth_required']],
  ['invalid_grant', [401, 'reauth_required']],
  ['incorrect_client_credentials', [502, 'provider_misconfigured']],
  ['unauthorized_client', [502, 'provider_misconfigured']],
  ['temporarily_unavailable', [503, 'refresh_unavailable']],
])('%s in a 200 means what it means elsewhere', async (error, answer) => {
  const browser = await connected('at-200');
  at('at-200').bend = { token: { on: 'refresh_token', reply: jsonReply({ error, error_description: 'no' }) } };
  app.forward(3600);
  expect(spoken(await browser.api.get('/proxy/at-200/x'))).toEqual(answer);
});

test.each(['access_denied', 'consent_required', 'login_required', 'interaction_required'])(
  '%s without a description is a refusal, and stores nothing',
  async (error) => {
    at('plain').bend = { authorization: { parameters: { code: undefined, error } } };
    const browser = createBrowser(app.url);
    const { finalUrl } = await connect(browser, 'plain');
    expect(finalUrl.searchParams.get('connect_error')).toBe('access_denied');
    expect((await state(browser)).status).toBe('not_connected');
  },
);

test.each([
  ['the nonce of the sign-in', undefined],
  ['another nonce', 'another'],
])('an ID token on refresh with %s renews the connection', async (_what, other) => {
  const browser = await connected();
  const server = at('plain');
  const nonce = other ?? server.authorizationRequests.at(-1)?.get('nonce');
  const claims = { iss: server.issuer, sub: server.person.sub, aud: server.options.clientId, nonce };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  server.bend = { token: { body: { id_token: `${part({ alg: 'RS256' })}.${part(claims)}.c2ln` } } };
  app.forward(3600);
  expect((await browser.api.get('/proxy/plain/x')).status).toBe(200);
  expect((await state(browser)).last_refresh?.result).toBe('rotated');
});

test('a public client sends no secret', async () => {
  await connected('public');
  const [call] = at('public').tokenCalls;
  expect([call?.authentication, call?.clientId, call?.parameters.has('client_secret')]).toEqual([
    'none',
    'gatehouse-test',
    false,
  ]);
});

test.each([
  [200, 'revoked'],
  [204, 'revoked'],
  [400, 'failed'],
  [503, 'failed'],
])('a revocation answered %d is %s, and the connection is gone here', async (status, revocation) => {
  const browser = await connected();
  at('plain').bend = { revocation: { reply: { status } } };
  expect((await browser.api.delete('/api/connections/plain')).json).toEqual({ provider: 'plain', revocation });
  expect((await state(browser)).status).toBe('not_connected');
});

test.each([
  ['opaque', 'x'.repeat(42)],
  [
    'a JWT',
    `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}.c2ln`,
  ],
  ['with every character that a token may hold', `!#$%&'()*+,-./:;<=>?@[]^_\`{|}~"\\`],
  ['very long', 'y'.repeat(8000)],
])('an access token that is %s reaches the API as it is', async (_what, access_token) => {
  at('plain').bend = { token: { body: { access_token } } };
  const browser = await connected();
  expect((await browser.api.get('/proxy/plain/x')).status).toBe(200);
  expect(upstream.last.headers.authorization).toBe(`Bearer ${access_token}`);
});
