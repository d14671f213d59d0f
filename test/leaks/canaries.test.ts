import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sessionCookie, startSessionWorld, type SessionWorld } from '../session/session-world.js';
import type { Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { jsonReply } from '../world/reply.js';
import { misconfiguredAnswers, transientTokenFaults, unusableTokenAnswers } from '../world/misbehaving/token-bends.js';
import { refusedResponses, unknownResponses } from '../world/misbehaving/authorization-response.js';
import { refusedIdTokens } from '../world/misbehaving/id-token-bends.js';
import { watch, type Watched } from './watched-browser.js';

/** What a provider writes into an error, which is nobody else's business. */
const providerText = 'provider-says-canary';

let world: SessionWorld;
const seen: Watched[] = [];
const cookies = new Set<string>();
const secrets = new Set<string>();

beforeAll(async () => {
  world = await startSessionWorld({ ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}` }, ['acme', 'second']);
  const { SESSION_SECRET = '', ENCRYPTION_KEYS = '' } = world.env;
  for (const secret of [SESSION_SECRET, ENCRYPTION_KEYS.slice(3), world.server.options.clientSecret])
    secrets.add(secret);
  secrets.add(Buffer.from(ENCRYPTION_KEYS.slice(3), 'base64').toString('latin1'));
  await everythingThatHappens();
  noteWhatTheServerIssued();
  noteCookies();
}, 90_000);
afterAll(() => world.close());

/** Connect, call, refresh, disconnect and every failure that can be provoked, each seen by a watched browser. */
async function everythingThatHappens(): Promise<void> {
  const browser = await person('acme', 'second');
  await calls(browser);
  world.server.grants.expireAccessTokens();
  world.app.forward(3700);
  await calls(browser);
  for (const bend of Object.values({ ...transientTokenFaults, ...misconfiguredAnswers }).filter(isQuick)) {
    world.server.bend.token = { ...bend, on: 'refresh_token' };
    await browser.api.post('/api/connections/acme/refresh');
    await browser.api.get('/proxy/acme/x');
    world.app.forward(120);
  }
  const refusing = jsonReply({ error: 'invalid_grant', error_description: providerText }, 400);
  world.server.bend.token = { on: 'refresh_token', reply: refusing };
  world.app.forward(7200);
  await calls(browser);
  world.server.bend = {};

  for (const bend of Object.values({ ...unusableTokenAnswers, ...misconfiguredAnswers }).filter(isQuick)) {
    world.server.bend = { token: { ...bend, on: 'authorization_code' } };
    await failedConnect();
  }
  for (const bend of Object.values({ ...refusedResponses, ...unknownResponses })) {
    world.server.bend = { authorization: bend };
    await failedConnect();
  }
  for (const bend of Object.values(refusedIdTokens)) {
    world.server.bend = { idToken: bend };
    await failedConnect();
  }
  world.server.bend = {};
  await browser.api.delete('/api/connections/second');
  const other = await person('acme');
  world.server.bend.revocation = { reply: jsonReply({ error: providerText }, 500) };
  await other.api.post('/logout');
  world.server.bend = {};
  await person('acme', 'second');
}

const isQuick = (bend: object) => !JSON.stringify(bend).includes('xxxxxxxxxxxxxxxx');

async function person(...providers: string[]): Promise<Browser> {
  const { browser, watched } = watch(world.browser());
  seen.push(watched);
  for (const provider of providers) await connect(browser, provider);
  return browser;
}

async function failedConnect(): Promise<void> {
  const browser = await person();
  await connect(browser, 'acme').catch(() => undefined);
}

/** The values of all cookies that were ever set, and the parts of them that open something. */
function noteCookies(): void {
  const lines = seen.flatMap(({ answers }) => answers.flatMap(({ setCookies }) => setCookies));
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || name.includes('language')) continue;
    cookies.add(value);
    const [, secret, signature] = decodeURIComponent(value).split('.');
    if (secret !== undefined) cookies.add(secret);
    if (name === sessionCookie && signature !== undefined) cookies.add(signature);
  }
}

async function calls(browser: Browser): Promise<void> {
  for (const path of [
    '/proxy/acme/x',
    '/proxy/acme/../x',
    '/proxy/acme/%2e%2e/x',
    '/proxy/nobody/x',
    '/api/session',
    '/api/connections',
    '/nowhere',
  ])
    await browser.api.get(path);
  for (const path of [
    '/',
    '/connections/acme',
    '/setup/acme',
    '/connect/acme/confirm',
    '/connect/acme/callback?code=a&state=b',
    '/connect/acme?return_to=//evil.test',
  ])
    await browser.navigate(path, { follow: false });
  await browser.api.post('/api/connections/acme/refresh');
  await browser.post('/logout');
  await browser.get('/proxy/acme/x');
  await browser.api.get('/api/connections/acme/organizations');
}

function noteWhatTheServerIssued(): void {
  for (const { parameters } of world.server.tokenCalls)
    for (const name of ['code', 'code_verifier', 'refresh_token']) secrets.add(parameters.get(name) ?? '');
  for (const parameters of world.server.revocations) secrets.add(parameters.get('token') ?? '');
  for (const { bearer = '' } of world.upstream.requests) secrets.add(bearer);
  for (const request of world.server.authorizationRequests)
    for (const name of ['state', 'nonce']) secrets.add(request.get(name) ?? '');
  secrets.delete('');
}

/** Which of the wanted are in the text, and at most a word of it. */
const hits = (text: string, wanted: Iterable<string>) =>
  [...wanted].filter((each) => text.includes(each)).map((each) => each.slice(0, 6));

test('the run was rich enough to prove anything', () => {
  expect(secrets.size).toBeGreaterThan(150);
  expect(cookies.size).toBeGreaterThan(50);
  expect(world.app.lines.length).toBeGreaterThan(200);
  const codes = new Set(world.app.lines.flatMap((line) => (JSON.parse(line) as { code?: string }).code ?? []));
  for (const code of [
    'reauth_required',
    'refresh_unavailable',
    'provider_misconfigured',
    'token_response_invalid',
    'id_token_invalid',
    'access_denied',
    'state_unknown',
  ])
    expect([...codes]).toContain(code);
});

test('no log line at any level holds a secret, a cookie, a query, or a word of a provider but in `description`', () => {
  const log = world.app.lines.join('\n');
  expect(hits(log, [...secrets, ...cookies, 'person-1', 'jo@example.test'])).toEqual([]);
  const withoutDescriptions = world.app.lines.map((line) => {
    const { description: _description, ...fields } = JSON.parse(line) as Record<string, unknown>;
    return JSON.stringify(fields);
  });
  expect(hits(withoutDescriptions.join('\n'), [providerText])).toEqual([]);
  expect(log).not.toMatch(/[?&](code|state|iss)=/);
});

test('no page and no JSON holds a token, a code, a verifier, a secret or the session id', () => {
  const bodies = seen.flatMap(({ answers }) => answers.map(({ text }) => text)).join('\n');
  expect(bodies.length).toBeGreaterThan(50_000);
  expect(hits(bodies, [...secrets, ...cookies, providerText])).toEqual([]);
});

test('no header of ours holds one, but the cookies themselves and the authorization request', () => {
  const lines = seen.flatMap(({ answers }) => answers.flatMap(({ rawHeaders }) => pairs(rawHeaders)));
  const others = lines.filter(
    ([name, value]) => name !== 'set-cookie' && !(name === 'location' && value.startsWith(world.server.origin)),
  );
  expect(hits(others.flat().join('\n'), [...secrets, ...cookies, providerText])).toEqual([]);
  const cookieLines = lines.filter(([name]) => name === 'set-cookie').join('\n');
  expect(hits(cookieLines, secrets)).toEqual([]);
  const requests = lines.filter(([name, value]) => name === 'location' && value.startsWith(world.server.origin)).flat();
  const codes = world.server.tokenCalls.flatMap(({ parameters }) =>
    ['code', 'code_verifier', 'refresh_token', 'client_secret'].map((name) => parameters.get(name) ?? ''),
  );
  expect(hits(requests.join('\n'), codes.filter(Boolean))).toEqual([]);
});

test('the addresses that a browser sees hold none, but the authorization request and its response', () => {
  const urls = seen.flatMap(({ urls: visited }) => visited).filter((url) => !url.pathname.endsWith('/callback'));
  expect(urls.length).toBeGreaterThan(50);
  expect(hits(urls.join('\n'), [...secrets, ...cookies, providerText])).toEqual([]);
});

test('Redis holds no secret in the clear, in keys or values, and nothing that works as a cookie', async () => {
  const keys = await world.keys();
  expect(keys.filter((key) => /:(session|connection|attempt)/.test(key)).length).toBeGreaterThan(6);
  const values = [];
  for (const key of keys)
    values.push(
      key,
      (await world.redis.cli('--no-raw', 'get', key)).replaceAll('\\"', '"'),
      await world.redis.cli('dump', key),
    );
  expect(hits(values.join('\n'), [...secrets, ...cookies, 'person-1', 'jo@example.test'])).toEqual([]);
});

function pairs(rawHeaders: readonly string[]): [string, string][] {
  return rawHeaders.flatMap(
    (name, at) => (at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? '']] : []) as [string, string][],
  );
}

test('the metrics hold none, in names, labels or help', async () => {
  const { text, status } = await world.browser().get(`http://127.0.0.1:${world.app.metricsPort}/metrics`);
  expect([status, text.includes('acme')]).toEqual([200, true]);
  expect(hits(text, [...secrets, ...cookies, providerText, 'person-1', 'jo@example.test'])).toEqual([]);
});
