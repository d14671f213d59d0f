import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { tokenError, type TokenBend } from '../world/misbehaving/token-answer.js';
import { htmlReply, jsonReply, type Reply } from '../world/reply.js';
import { problemOf, startRefreshWorld, statuses, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

const refusesAt200 = { token: { errors: { refused_at_200: ['error_descriptions', 'errors', 'error'] } } };
const messages = {
  token: {
    errors: {
      messages: [
        { member: 'message', is: 'Client authentication failed', code: 'invalid_client' },
        { member: 'message', is: 'The refresh token is invalid.', code: 'invalid_grant' },
      ],
      otherwise: { members: ['message'], code: 'invalid_grant' },
    },
  },
};

beforeAll(async () => {
  world = await startRefreshWorld({
    providers: {
      acme: {},
      other: {},
      silent: { protocol: 'oauth2', more: refusesAt200 },
      worded: { protocol: 'oauth2', more: messages },
    },
  });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const call = (browser: Browser, provider = 'acme') => browser.api.get(`/proxy/${provider}/invoices`);
const reply = (given: Reply): TokenBend => ({ on: 'refresh_token', reply: given });
const challenge = (value: string, status = 401) => reply({ status, headers: { 'www-authenticate': value } });

async function expectEnded(browser: Browser, provider = 'acme'): Promise<void> {
  world.forward(3600);
  expect(problemOf(await call(browser, provider))).toEqual({
    status: 401,
    code: 'reauth_required',
    marked: 'reauth_required',
  });
  expect(await statuses(5, () => call(browser, provider))).toEqual(Array(5).fill(401));
  expect(world.refreshes()).toBe(1);
  expect(world.upstream.requests).toHaveLength(0);
  expect((await world.state(browser, provider)).status).toBe('reauth_required');
}

describe('a refusal that says that the grant is over', () => {
  test.each<[string, TokenBend]>([
    ['invalid_grant', tokenError('invalid_grant')],
    ['invalid_grant with 401', tokenError('invalid_grant', 401)],
    ['invalid_grant with 403', tokenError('invalid_grant', 403)],
    [
      'invalid_grant beside a Basic challenge',
      reply({ ...jsonReply({ error: 'invalid_grant' }, 401), headers: { 'www-authenticate': 'Basic realm="x"' } }),
    ],
    ['invalid_grant in WWW-Authenticate alone', challenge('Bearer realm="x", error="invalid_grant"', 400)],
    ['interaction_required', tokenError('interaction_required')],
  ])('%s ends this connection and no other', async (_name, bend) => {
    const browser = await world.connected('acme', 'other');
    world.server.bend.token = bend;
    await expectEnded(browser);
    world.server.bend = {};
    expect((await call(browser, 'other')).status).toBe(200);
    expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(401);
    world.forward(2 * 3600);
    expect((await call(browser)).status).toBe(401);
    expect(((await browser.api.get('/api/session')).json as { session: { active: boolean } }).session.active).toBe(
      true,
    );
  });

  test('a 200 without a token ends it where the provider file says that this is how the server refuses', async () => {
    const browser = await world.connected('silent');
    world.server.bend.token = reply(jsonReply({ error_descriptions: ['expired'] }));
    await expectEnded(browser, 'silent');
  });

  test.each([
    ['The refresh token is invalid.', 400],
    ['Some other sentence', 400],
    ['Token has been revoked', 401],
  ])('the message "%s" ends it where the provider file reads messages', async (message, status) => {
    const browser = await world.connected('worded');
    world.server.bend.token = reply(jsonReply({ type: 'invalid_request', message }, status));
    await expectEnded(browser, 'worded');
  });

  test('the message about the client keeps the connection', async () => {
    const browser = await world.connected('worded');
    world.server.bend.token = reply(jsonReply({ message: 'Client authentication failed' }, 401));
    world.forward(3600);
    expect(problemOf(await call(browser, 'worded')).code).toBe('provider_misconfigured');
    expect((await world.state(browser, 'worded')).status).not.toBe('reauth_required');
  });

  test('connecting again revives it', async () => {
    const browser = await world.connected();
    world.server.bend.token = tokenError('invalid_grant');
    await expectEnded(browser);
    world.reset();
    const { connect } = await import('../world/journey.js');
    await connect(browser, 'acme');
    expect((await call(browser)).status).toBe(200);
  });
});

describe('a refusal without a known reason', () => {
  const disguises: [string, TokenBend][] = [
    ['an empty 400', reply({ status: 400 })],
    ['an empty 400 that calls itself HTML', reply(htmlReply('', 400))],
    ['a 400 with a code nobody knows', tokenError('session_gone')],
    ['a 403', reply(jsonReply({ message: 'no' }, 403))],
    ['a 401', reply({ status: 401 })],
    ['a 401 that asks for a bearer', challenge('Bearer realm="x", error="invalid_token"')],
    ['invalid_request', tokenError('invalid_request')],
    ['a 410', reply({ status: 410 })],
  ];

  test.each(disguises)('%s ends the connection for now', async (_name, bend) => {
    const browser = await world.connected();
    world.server.bend.token = bend;
    await expectEnded(browser);
  });

  test('keeps the refresh token for a refresh that somebody asks for', async () => {
    const browser = await world.connected();
    world.server.bend.token = reply({ status: 400 });
    await expectEnded(browser);
    expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(401);
    expect(world.refreshes()).toBe(2);
    world.server.bend = {};
    expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
    expect((await call(browser)).status).toBe(200);
    expect((await world.state(browser)).status).toBe('connected');
  });

  test('is tried once more by itself an hour later', async () => {
    const browser = await world.connected();
    world.server.bend.token = reply({ status: 400 });
    await expectEnded(browser);
    world.forward(3600);
    expect(await statuses(20, () => call(browser))).toEqual(Array(20).fill(401));
    expect(world.refreshes()).toBe(2);
    world.server.bend = {};
    world.forward(3500);
    expect((await call(browser)).status).toBe(401);
    expect(world.refreshes()).toBe(2);
    world.forward(100);
    expect(await statuses(20, () => call(browser))).toEqual(Array(20).fill(200));
    expect(world.refreshes()).toBe(3);
  });
});
