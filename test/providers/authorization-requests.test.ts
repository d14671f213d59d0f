import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { redirectReply } from '../world/reply.js';
import { startDialects, type DialectWorld, type Heard } from './dialect-world.js';

/** The way back with these parameters, beside the state. */
const back = (parameters: Record<string, string>) => (heard: Heard) => {
  if (heard.path !== '/authorize') return undefined;
  const url = new URL(heard.query.get('redirect_uri') ?? heard.query.get('redirect') ?? '');
  const all = { state: heard.query.get('state') ?? '', ...parameters };
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value);
  return redirectReply(url.href);
};

let world: DialectWorld;
beforeAll(async () => {
  world = await startDialects({
    renamed: {
      file: {
        scopes: ['read'],
        authorization: {
          names: { client_id: 'app_id', scope: 'user_scope', redirect_uri: 'redirect' },
          caller_parameters: { app_id: '.*' },
          response: { code: 'auth_code', mode: 'query' },
          fragment: 'wechat_redirect',
          parameters: { request: 'fixed' },
        },
      },
      answer: back({ auth_code: 'the-code', code: '0' }),
    },
    untyped: { file: { authorization: { response_type: 'off' } } },
    typed: { file: { authorization: { response_type: 'web_server' } } },
    without: { file: { authorization: { response: { code: 'auth_code' } } }, answer: back({ code: 'another' }) },
    denied: {
      file: { authorization: { errors: { denied: ['the_person_said_no'] } } },
      answer: back({ error: 'the_person_said_no' }),
    },
    scoped: {
      file: {
        scopes: ['read', 'all', 'part'],
        scope_names: { read: ['https://as.test/read'] },
        scope_contains: { all: ['part'] },
      },
      answer: ({ path }) =>
        path === '/token'
          ? {
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ access_token: 'a', scope: 'https://as.test/read all' }),
            }
          : undefined,
    },
  });
});
afterAll(() => world.close());

test('parameters have the names of the server, and the code comes back under its own', async () => {
  const { authorizationUrl } = await world.journey('renamed', { query: { app_id: 'of-the-caller' } });
  const query = authorizationUrl!.searchParams;
  expect(query.getAll('app_id')).toEqual(['client-of-renamed']);
  expect(query.get('user_scope')).toBe('read');
  for (const name of ['client_id', 'scope', 'redirect_uri']) expect(query.has(name)).toBe(false);
  expect([query.get('response_mode'), query.get('response_type'), query.get('request')]).toEqual([
    'query',
    'code',
    'fixed',
  ]);
  expect(authorizationUrl!.hash).toBe('#wechat_redirect');
  expect(world.heard('renamed', '/token').map(({ sent }) => sent['code'])).toEqual(['the-code']);
});

test.each([
  ['untyped', null],
  ['typed', 'web_server'],
])('%s: the response type is what the file says', async (id, type) => {
  const { authorizationUrl, finalUrl } = await world.journey(id);
  expect(authorizationUrl?.searchParams.get('response_type')).toBe(type);
  expect(finalUrl.searchParams.get('connected')).toBe(id);
});

test('a code under another name than the file says is none', async () => {
  const { finalUrl } = await world.journey('without');
  expect(finalUrl.searchParams.get('connect_error')).toBe('invalid_request');
  expect(world.heard('without', '/token')).toEqual([]);
});

test('a word of the server for a refusal is one', async () => {
  const { finalUrl } = await world.journey('denied');
  expect(finalUrl.searchParams.get('connect_error')).toBe('access_denied');
});

test('scopes under other names, or within others, are not missed', async () => {
  const browser = await world.connected('scoped');
  expect((await world.state(browser, 'scoped')).scopes?.missing).toEqual([]);
});

test.each(['token', 'code id_token'])('response_type %s stops the start', async (type) => {
  const start = startDialects({ acme: { file: { authorization: { response_type: type } } } });
  await expect(start).rejects.toThrow(/asks for tokens in an address/);
});
