import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readProviderFile } from '../../src/providers/read-file.js';
import { resolveProvider } from '../../src/providers/resolve.js';
import { jsonReply, redirectReply } from '../world/reply.js';
import { startDialects, type DialectWorld } from './dialect-world.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
const account = { source: 'api', request: { path: '/me' }, subject: 'id', label: ['name'] };
const me = jsonReply({ id: '7', name: 'Jo' });

/** By provider: how its API wants the token, and what it is sent for the token `access-2`. */
const headers: Record<string, [token: Record<string, unknown>, header: string, value: string]> = {
  bare: [{ header: 'X-Shop-Token' }, 'x-shop-token', 'access-2'],
  raw: [{ scheme: '' }, 'authorization', 'access-2'],
  scheme: [{ header: 'Authorization', scheme: 'Token' }, 'authorization', 'Token access-2'],
  'basic-user': [{ basic: 'user' }, 'authorization', basic('access-2:')],
  'basic-password': [{ basic: 'password' }, 'authorization', basic(':access-2')],
  'basic-both': [{ basic: { user: 'api', password: 'key' } }, 'authorization', basic('api:access-2')],
};

let world: DialectWorld;
beforeAll(async () => {
  const answer = ({ path }: { path: string }) => (path === '/api/me' ? me : undefined);
  const ofHeaders = Object.entries(headers).map(([id, [token]]) => [id, { file: { api: { token }, account }, answer }]);
  world = await startDialects({
    ...(Object.fromEntries(ofHeaders) as Record<string, object>),
    query: {
      file: { api: { token: { query: 'access_token', echo: 'none' } }, account },
      answer: ({ path, query, headers: sent }) => {
        if (path === '/api/me') return me;
        const token = query.get('access_token') ?? '';
        if (path === '/api/next') return redirectReply(`/api/items?page=2&access_token=${token}&size=5`);
        if (path !== '/api/items') return undefined;
        const reply = jsonReply({ authorized: sent['authorization'] ?? null, query: query.get('page') });
        const link = `</api/items?page=2&access_token=${token}>; rel="next"`;
        return { ...reply, headers: { 'content-type': 'application/json', link, 'x-debug': `token ${token}` } };
      },
    },
    spent: {
      file: { api: { token: { query: 'access_token', echo: 'none' } } },
      answer: ({ path, query }) =>
        path === '/api/items' && query.get('access_token') === 'access-2' ? jsonReply({}, 401) : undefined,
    },
    keyed: {
      file: { api: { headers: { 'developer-token': { secret: 'DEVELOPER_TOKEN' }, 'X-Plain': 'text' } }, account },
      answer,
      env: { KEYED_DEVELOPER_TOKEN: 'developer-token-of-the-operator' },
    },
    companies: {
      file: {
        organizations: { request: { path: '/companies' }, id: 'id', name: ['name'], parameter: 'company_id' },
        account,
      },
      answer: ({ path }) => (path === '/api/companies' ? jsonReply([{ id: 'c1', name: 'One' }]) : answer({ path })),
    },
  });
});
afterAll(() => world.close());

test.each(Object.keys(headers))('%s: calls and the account request carry the token as the file says', async (id) => {
  const [, header, value] = headers[id]!;
  const browser = await world.connected(id);
  expect((await world.state(browser, id)).account).toEqual({ subject: '7', label: 'Jo' });
  expect((await browser.api.get(`/proxy/${id}/items`, { headers: { 'X-Shop-Token': 'of-the-caller' } })).status).toBe(
    200,
  );
  for (const path of ['/api/me', '/api/items']) expect(world.heard(id, path).at(-1)?.headers[header]).toBe(value);
  if (header !== 'authorization')
    expect(world.heard(id, '/api/items').at(-1)?.headers).not.toHaveProperty('authorization');
});

describe('a token in the query', () => {
  test('goes out once, whatever the caller writes, and in no header', async () => {
    const browser = await world.connected('query');
    const query = 'access_token=mine&page=1&Access%5FToken=mine&x=1;access_token=mine';
    expect((await browser.api.get(`/proxy/query/items?${query}`)).json).toEqual({ authorized: null, query: '1' });
    const [{ query: sent } = { query: new URLSearchParams() }] = world.heard('query', '/api/items').slice(-1);
    expect([...sent]).toEqual([
      ['page', '1'],
      ['x', '1'],
      ['access_token', 'access-2'],
    ]);
  });

  test('comes back in no header and stands in no line of the log', async () => {
    const browser = await world.connected('query');
    const items = await browser.api.get('/proxy/query/items?page=1');
    expect(items.headers['link']).toBe(`<${world.app.url}/proxy/query/items?page=2>; rel="next"`);
    expect(items.headers['x-debug']).toBe('token');
    const next = await browser.api.get('/proxy/query/next');
    expect(next.headers['location']).toBe(`${world.app.url}/proxy/query/items?page=2&size=5`);
    const sent = world.heard('query', '/api/items').map(({ query: each }) => each.get('access_token'));
    for (const token of sent) expect(world.app.lines.join('')).not.toContain(token);
  });

  test('is another one when the call is repeated', async () => {
    const browser = await world.connected('spent');
    expect((await browser.api.get('/proxy/spent/items')).status).toBe(200);
    const sent = world.heard('spent', '/api/items').map(({ query: each }) => each.getAll('access_token'));
    expect(sent).toEqual([['access-2'], ['access-4']]);
  });
});

test('a header holds a secret of the operator in calls and in the account request', async () => {
  const browser = await world.connected('keyed');
  const more = { headers: { 'Developer-Token': 'of-the-caller' } };
  expect((await browser.api.get('/proxy/keyed/items', more)).status).toBe(200);
  for (const path of ['/api/me', '/api/items'])
    expect(world.heard('keyed', path).at(-1)?.headers).toMatchObject({
      'developer-token': 'developer-token-of-the-operator',
      'x-plain': 'text',
    });
});

test('a company stands in the query of calls, and no caller chooses another one', async () => {
  const browser = await world.connected('companies', { organization: 'c1' });
  await browser.api.put('/api/connections/companies/organization', { json: { id: 'c1' } });
  expect((await browser.api.get('/proxy/companies/items?company_id=c2&x=1')).status).toBe(200);
  expect([...world.heard('companies', '/api/items').at(-1)!.query]).toEqual([
    ['x', '1'],
    ['company_id', 'c1'],
  ]);
});

describe('a file is refused', () => {
  const file = (api: Record<string, unknown>) => {
    const text = JSON.stringify({
      id: 'acme',
      endpoints: { authorization: 'https://as.test/a', token: 'https://as.test/t' },
      api: { base_url: 'https://api.test', ...api },
    });
    const read = readProviderFile(text, 'acme.yaml');
    if ('problems' in read) return read.problems.map(({ what }) => what);
    const client = { clientId: 'a', clientSecret: 'b' };
    const resolved = resolveProvider(read.definition, client, 'acme.yaml', { production: true });
    return 'problems' in resolved ? resolved.problems.map(({ what }) => what.replace('acme: ', '')) : [];
  };
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['a token in the query without echo', { token: { query: 'token' } }, /puts the token into addresses/],
    ['two places', { token: { query: 'token', echo: 'none', header: 'X-A' } }, /does not say one place/],
    ['no place', { token: {} }, /does not say one place/],
    ['a header of the connection', { token: { header: 'Cookie' } }, /meaning of its own/],
    ['a header that callers set', { token: { header: 'Range' } }, /meaning of its own/],
    [
      'a header that callers may set',
      { token: { header: 'X-Key' }, forward_request_headers: ['x_key'] },
      /so do other keys/,
    ],
    ['a fixed header', { token: { header: 'X-Key' }, headers: { 'x-key': 'y' } }, /so do other keys/],
    ['basic without the token', { token: { basic: { user: 'a', password: 'b' } } }, /the token nowhere/],
    ['a secret that is not set', { headers: { 'X-Key': { secret: 'KEY' } } }, /needs it, and it is not set/],
    ['a secret of a reserved name', { headers: { 'X-Key': { secret: 'CLIENT_SECRET' } } }, /meaning of its own/],
    ['a secret in small letters', { headers: { 'X-Key': { secret: 'key' } } }, /X-Key.secret must match/],
  ])('with %s', (_what, api, problem) => {
    expect(file(api)).toEqual([expect.stringMatching(problem)]);
  });

  test('a Bearer header by hand is what it is without', () => {
    expect(file({ token: { header: 'Authorization', scheme: 'Bearer' } })).toEqual([]);
  });
});

test('a secret whose variable is another provider’s stops the start', async () => {
  const api = (secret: string) => ({ api: { headers: { 'X-Key': { secret } } } });
  const start = startDialects({
    pay: { file: api('BOOKS_KEY'), env: { PAY_BOOKS_KEY: 'x' } },
    'pay-books': { file: api('KEY') },
  });
  await expect(start).rejects.toThrow(/PAY_BOOKS_KEY is a variable of the provider pay/);
  const own = startDialects({ session: { file: api('SECRET'), env: {} } });
  await expect(own).rejects.toThrow(/SESSION_SECRET is a variable of Gatehouse/);
});
