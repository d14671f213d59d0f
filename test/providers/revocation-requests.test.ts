import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { jsonReply } from '../world/reply.js';
import { clientSecret, startDialects, type DialectWorld } from './dialect-world.js';

let world: DialectWorld;
beforeAll(async () => {
  const says =
    (value: unknown, status?: number) =>
    ({ path }: { path: string }) =>
      path === '/revoke' ? jsonReply(value, status) : undefined;
  world = await startDialects({
    json: { file: { revocation: { request: { format: 'json', headers: { 'X-Version': '2' } } } } },
    get: { file: { revocation: { token: 'access_token', request: { method: 'GET' } } } },
    path: {
      file: {
        client_authentication: 'client_secret_basic',
        endpoints: { revocation: 'SERVER/v1' },
        revocation: {
          token: 'access_token',
          request: {
            method: 'DELETE',
            format: 'json',
            path: '/applications/{client_id}/grant',
            parameters: { access_token: '{token}' },
          },
        },
      },
    },
    api: {
      file: {
        endpoints: { revocation: null },
        api: { token: { header: 'X-Shop-Token' } },
        revocation: { request: { method: 'DELETE', path: '/permissions/current/{token}' } },
      },
    },
    'not-ok': { file: {}, answer: says({ ok: false }) },
    error: { file: {}, answer: says({ error: { code: 5 } }) },
    gone: { file: {}, answer: says({ error: 'invalid_token' }, 400) },
  });
});
afterAll(() => world.close());

async function disconnected(id: string): Promise<string> {
  const browser = await world.connected(id);
  return ((await browser.api.delete(`/api/connections/${id}`)).json as { revocation: string }).revocation;
}

test('json: the token goes as JSON, with the headers of the file', async () => {
  expect(await disconnected('json')).toBe('revoked');
  const [revocation] = world.heard('json', '/revoke');
  expect(revocation?.headers).toMatchObject({ 'content-type': 'application/json', 'x-version': '2' });
  expect(JSON.parse(revocation?.body ?? '')).toEqual({
    token: 'refresh-2',
    token_type_hint: 'refresh_token',
    client_id: 'client-of-json',
    client_secret: clientSecret,
  });
});

test('GET: the token stands in the query', async () => {
  expect(await disconnected('get')).toBe('revoked');
  expect(world.heard('get', '/revoke').map(({ method, body, query }) => [method, body, query.get('token')])).toEqual([
    ['GET', '', 'access-2'],
  ]);
});

test('a path below the endpoint, with parameters of its own and the client’s authentication', async () => {
  expect(await disconnected('path')).toBe('revoked');
  const [revocation] = world.heard('path', '/v1/applications/client-of-path/grant');
  expect([revocation?.method, JSON.parse(revocation?.body ?? '{}')]).toEqual(['DELETE', { access_token: 'access-2' }]);
  const credentials = Buffer.from(`client-of-path:${clientSecret}`).toString('base64');
  expect(revocation?.headers['authorization']).toBe(`Basic ${credentials}`);
});

test('without an endpoint the API is asked, authorized by the access token', async () => {
  expect(await disconnected('api')).toBe('revoked');
  const [revocation] = world.heard('api', '/api/permissions/current/refresh-2');
  expect([revocation?.method, revocation?.headers['x-shop-token'], revocation?.body]).toEqual([
    'DELETE',
    'access-2',
    '',
  ]);
});

test.each([
  ['not-ok', 'failed'],
  ['error', 'failed'],
  ['gone', 'revoked'],
])('%s: the answer %s what it says', async (id, outcome) => {
  expect(await disconnected(id)).toBe(outcome);
});
