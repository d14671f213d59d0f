import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientSecret, startDialects, type DialectWorld } from './dialect-world.js';

let world: DialectWorld;
beforeAll(async () => {
  world = await startDialects({
    json: { file: { token: { request: { format: 'json', headers: { 'X-Version': '2' } } } } },
    query: { file: { token: { request: { format: 'query' } } } },
    renamed: {
      file: {
        token: {
          request: {
            names: { client_id: 'app_id', client_secret: 'secret', code: 'auth_code', refresh_token: 'token' },
            code: { type: 'web_server' },
            refresh: { type: 'refresh' },
          },
        },
      },
    },
    keyed: {
      file: { token: { request: { headers: { 'X-Sub-Key': { secret: 'SUBSCRIPTION_KEY' } } } } },
      env: { KEYED_SUBSCRIPTION_KEY: 'the-subscription-key' },
      // A server that repeats what it was sent.
      answer: ({ path, headers, sent }) =>
        path === '/token' && sent['grant_type'] === 'refresh_token'
          ? {
              status: 400,
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({ error: 'odd', error_description: `no ${String(headers['x-sub-key'])}` }),
            }
          : undefined,
    },
    elsewhere: { file: { endpoints: { refresh: 'SERVER/renewals' } } },
  });
});
afterAll(() => world.close());

async function renewed(id: string): Promise<void> {
  const browser = await world.connected(id);
  await browser.api.post(`/api/connections/${id}/refresh`);
}

test('json: codes and refresh tokens go as one JSON object, with the headers of the file', async () => {
  await renewed('json');
  const [exchange, refresh] = world.heard('json', '/token');
  expect(exchange?.headers).toMatchObject({ 'content-type': 'application/json', 'x-version': '2' });
  expect(JSON.parse(exchange?.body ?? '')).toMatchObject({
    grant_type: 'authorization_code',
    client_id: 'client-of-json',
    client_secret: clientSecret,
    code: expect.stringMatching(/^code-/),
    code_verifier: expect.any(String),
  });
  expect(JSON.parse(refresh?.body ?? '')).toMatchObject({
    grant_type: 'refresh_token',
    refresh_token: expect.stringMatching(/^refresh-/),
  });
});

test('query: the parameters stand in the address of a POST without a body', async () => {
  await renewed('query');
  const calls = world.heard('query', '/token');
  expect(calls.map(({ method, body, query }) => [method, body, query.get('grant_type')])).toEqual([
    ['POST', '', 'authorization_code'],
    ['POST', '', 'refresh_token'],
  ]);
  const logged = world.app.lines.join('');
  expect(logged).not.toContain(clientSecret);
  expect(logged).not.toContain(calls[0]?.query.get('code'));
});

test('names and further parameters are those of the server', async () => {
  await renewed('renamed');
  const [exchange, refresh] = world.heard('renamed', '/token').map(({ sent }) => sent);
  expect(exchange).toMatchObject({ app_id: 'client-of-renamed', secret: clientSecret, type: 'web_server' });
  expect(exchange).toHaveProperty('auth_code');
  for (const name of ['client_id', 'client_secret', 'code']) expect(exchange).not.toHaveProperty(name);
  expect(refresh).toMatchObject({
    grant_type: 'refresh_token',
    type: 'refresh',
    token: expect.stringMatching(/^refresh/),
  });
  expect(refresh).not.toHaveProperty('refresh_token');
});

test('a header holds a secret of the operator, which no line of the log repeats', async () => {
  await renewed('keyed');
  expect(world.heard('keyed', '/token').map(({ headers }) => headers['x-sub-key'])).toEqual([
    'the-subscription-key',
    'the-subscription-key',
  ]);
  expect(world.app.lines.join('')).toContain('connection.refresh_failed');
  expect(world.app.lines.join('')).not.toContain('the-subscription-key');
});

test('refresh tokens go to the endpoint of their own, codes do not', async () => {
  const browser = await world.connected('elsewhere');
  expect((await browser.api.post('/api/connections/elsewhere/refresh')).status).toBe(503);
  expect(world.heard('elsewhere', '/token')).toHaveLength(1);
  expect(world.heard('elsewhere', '/renewals').map(({ sent }) => sent['grant_type'])).toEqual(['refresh_token']);
});
