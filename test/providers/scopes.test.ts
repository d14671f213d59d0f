import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connectionOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import { listen, type Listening } from '../world/listen.js';

/** What the authorization server answers as `scope`, beside what was asked for. */
let scope: unknown;
let world: ConnectWorld;
let plain: Listening;

/** A plain OAuth2 server that says of scopes what it likes, and what it was asked for. */
beforeAll(async () => {
  plain = await listen((_req, res) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ access_token: 'at_plain', token_type: 'Bot', expires_in: 3600, scope }));
  });
  const endpoints = { authorization: `${plain.origin}/authorize`, token: `${plain.origin}/token` };
  const base = { extends: 'generic-oauth2', endpoints, api: { base_url: plain.origin } };
  const token = { bearer_types: ['bot'] };
  world = await startConnectWorld({
    files: {
      spaced: { ...base, token, scopes: ['repo', 'user:email', 'gist'] },
      written: { ...base, token, scopes: ['read,write'] },
      both: { ...base, token, scopes: ['read,write', 'read'] },
      commas: { ...base, token, scope_separator: 'comma', scopes: ['read', 'activity:read_all'] },
      strict: { ...base, scopes: ['read'] },
      claims: { ...base, token, scopes: ['email', 'profile', 'books'] },
      long: { ...base, token, scopes: ['https://www.googleapis.com/auth/userinfo.email', 'books'] },
      named: { ...base, token, scopes: ['Mail.Read'], scope_names: { 'Mail.Read': ['https://api.test/Mail.Read'] } },
      contained: {
        ...base,
        token,
        scopes: ['admin', 'write', 'read'],
        scope_names: { write: ['WRITE'] },
        scope_contains: { admin: ['WRITE'], write: ['read'], read: ['admin'] },
      },
      ordered: { ...base, token, scopes: ['read'], scope_contains: { read: ['comment'] } },
    },
  });
});
beforeEach(() => {
  scope = undefined;
});
afterAll(async () => {
  await world.close();
  await plain.close();
});

const connect = async (provider: string) => {
  const browser = world.newBrowser();
  const request = await world.start(browser, provider);
  const callback = new URL(request.searchParams.get('redirect_uri') ?? '');
  callback.search = new URLSearchParams({ code: 'c', state: request.searchParams.get('state') ?? '' }).toString();
  const answer = await world.open(browser, callback);
  return { browser, request, outcome: outcomeOf(answer) };
};

const google = 'https://www.googleapis.com/auth/userinfo';

test.each<[string, string, string, string[]]>([
  ['under the long names of the claim scopes', 'claims', `${google}.email ${google}.profile books`, []],
  ['under the short name of a claim scope', 'long', 'email books', []],
  ['without an ID token or the claim scopes', 'claims', 'books', ['email', 'profile']],
  ['under another name that the file knows', 'named', 'https://api.test/Mail.Read', []],
  ['under another name that the file does not know', 'named', 'https://other.test/Mail.Read', ['Mail.Read']],
  ['that contain the others, in two steps', 'contained', 'admin', []],
  ['that contain the others, in a circle', 'contained', 'read', []],
  ['that are contained in what was asked for', 'ordered', 'comment', ['read']],
])('scopes granted %s are not missed where they should not be', async (_how, provider, answered, missing) => {
  scope = answered;
  const { browser, outcome } = await connect(provider);
  expect(outcome).toBeNull();
  expect((await connectionOf(browser, provider)).scopes?.missing).toEqual(missing);
});

test.each<[string, string, unknown, string[], string[]]>([
  ['with commas between', 'spaced', 'repo,user:email,gist', ['repo', 'user:email', 'gist'], []],
  ['with commas and spaces between', 'spaced', 'repo, user:email,gist', ['repo', 'user:email', 'gist'], []],
  ['with commas, in part', 'spaced', 'gist,repo', ['gist', 'repo'], ['user:email']],
  ['with commas, beside others', 'spaced', 'repo,admin', ['repo', 'admin'], ['user:email', 'gist']],
  ['with commas in a list', 'spaced', ['repo,gist', 'user:email'], ['repo', 'gist', 'user:email'], []],
  ['twice', 'spaced', 'repo gist repo user:email', ['repo', 'gist', 'user:email'], []],
  ['that nobody knows, with a comma within', 'spaced', 'a,b', ['a,b'], ['repo', 'user:email', 'gist']],
  ['as it was asked for, with a comma within', 'written', 'read,write', ['read,write'], []],
  ['that were asked for with and without a comma within', 'both', 'read,write read', ['read,write', 'read'], []],
  ['with commas where the file says so', 'commas', 'activity:read_all,read,x', ['activity:read_all', 'read', 'x'], []],
])('scopes %s are read', async (_how, provider, answered, granted, missing) => {
  scope = answered;
  const { browser, outcome } = await connect(provider);
  expect(outcome).toBeNull();
  expect((await connectionOf(browser, provider)).scopes).toEqual({ granted, missing });
});

test('scopes are asked for with the sign between that the file names', async () => {
  expect((await connect('spaced')).request.searchParams.get('scope')).toBe('repo user:email gist');
  expect((await connect('commas')).request.searchParams.get('scope')).toBe('read,activity:read_all');
});

test('a token_type that means Bearer is one that the file names', async () => {
  expect((await connect('strict')).outcome).toBe('token_response_invalid');
  expect((await connect('spaced')).outcome).toBeNull();
});
