import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { request } from 'node:http';
import type { Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import type { TokenBend } from '../world/misbehaving/token-answer.js';
import { jsonReply } from '../world/reply.js';
import { problemOf, startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

const organizations = {
  organizations: { request: { path: '/organizations' }, pointer: '/list', id: 'id', name: ['name'], header: 'X-Org' },
};

beforeAll(async () => {
  world = await startRefreshWorld({
    providers: {
      acme: { more: organizations },
      whole: { more: { revocation: { token: 'refresh_token', ends: 'grant' } } },
      other: {},
    },
  });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const call = (browser: Browser, provider = 'acme') => browser.api.get(`/proxy/${provider}/invoices`);

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** Holds the next refresh at the token endpoint, before it is looked at, until `answer` is called. */
function holdRefresh() {
  const asked = deferred();
  const released = deferred();
  const bend: TokenBend = {
    on: 'refresh_token',
    times: 1,
    get wait() {
      asked.resolve();
      return released.promise;
    },
  };
  world.server.bend.token = bend;
  return { bend, asked: asked.promise, answer: released.resolve };
}

/** A call whose refresh is under way. */
async function refreshUnderWay(browser: Browser, provider = 'acme') {
  const { bend, asked, answer } = holdRefresh();
  const pending = call(browser, provider);
  await asked;
  return { bend, answer, pending };
}

const revoked = () => world.server.revocations.map((parameters) => parameters.get('token'));
const recordsIn = async () => (await world.redis.cli('keys', '*connection*')).split('\n').filter((key) => key !== '');

test('a disconnect during a refresh wins, and the late tokens are revoked', async () => {
  const browser = await world.connected();
  world.forward(3600);
  const { answer, pending } = await refreshUnderWay(browser);
  expect((await browser.api.delete('/api/connections/acme?revoke=false')).status).toBe(200);
  answer();
  expect(problemOf(await pending)).toMatchObject({ status: 401, code: 'not_connected' });
  expect((await world.state(browser)).status).toBe('not_connected');
  expect(revoked()).toHaveLength(1);
  expect(world.server.grants.familyOf(revoked()[0] ?? '')?.dead).toBe(true);
  expect(world.upstream.requests).toHaveLength(0);
});

test.each([
  ['expired', () => world.forward(3600)],
  ['was refused by the API', () => world.server.grants.expireAccessTokens()],
])(
  'a logout while a token that %s is renewed wins: no record comes back, late tokens are revoked',
  async (_, spoil) => {
    await world.redis.cli('flushall');
    const browser = await world.connected();
    const cookie = browser.cookieHeader() ?? '';
    spoil();
    const { answer, pending } = await refreshUnderWay(browser);
    world.server.bend.revocation = { reply: { status: 503 } };
    expect((await browser.api.post('/logout')).status).toBe(200);
    delete world.server.bend.revocation;
    answer();
    expect(problemOf(await pending)).toMatchObject({ status: 401, code: 'login_required' });
    expect(await recordsIn()).toEqual([]);
    expect(revoked()).toHaveLength(2);
    const replayed = await browser.newBrowser().api.get('/proxy/acme/invoices', { headers: { cookie } });
    expect(problemOf(replayed)).toMatchObject({ status: 401, code: 'login_required' });
  },
);

test('a refresh by hand that a logout overtakes says that the session has ended', async () => {
  const browser = await world.connected();
  const { asked, answer } = holdRefresh();
  const pending = browser.api.post('/api/connections/acme/refresh');
  await asked;
  expect((await browser.api.post('/logout')).status).toBe(200);
  answer();
  expect(problemOf(await pending)).toMatchObject({ status: 401, code: 'login_required' });
});

test.each([
  ['acme', 1],
  ['whole', 0],
])('a new connection to %s during a refresh is kept; late tokens revoked: %i', async (provider, revocations) => {
  const browser = await world.connected(provider);
  world.forward(3600);
  const { answer, pending } = await refreshUnderWay(browser, provider);
  await connect(browser, provider);
  answer();
  expect((await pending).status).toBe(200);
  expect(revoked()).toHaveLength(revocations);
  expect((await call(browser, provider)).status).toBe(200);
  expect((await browser.api.post(`/api/connections/${provider}/refresh`)).status).toBe(200);
});

test('a new connection is kept, and used, when the refresh that was under way is refused', async () => {
  const browser = await world.connected();
  world.forward(3600);
  const { bend, answer, pending } = await refreshUnderWay(browser);
  await connect(browser, 'acme');
  bend.reply = jsonReply({ error: 'invalid_grant' }, 400);
  answer();
  expect((await pending).status).toBe(200);
  expect((await call(browser)).status).toBe(200);
  expect((await world.state(browser)).status).toBe('connected');
});

test.each([
  ['whose token had expired', () => world.forward(3600)],
  ['whose token the API refused', () => world.server.grants.expireAccessTokens()],
])('a call that was begun for one account, %s, is not made at another', async (_, spoil) => {
  const browser = await world.connected();
  const first = world.server.person;
  spoil();
  const { answer, pending } = await refreshUnderWay(browser);
  try {
    world.server.person = { sub: 'another', email: 'another@example.com', name: 'Another' };
    await connect(browser, 'acme');
    const before = world.upstream.requests.length;
    answer();
    expect(problemOf(await pending)).toMatchObject({ status: 401, code: 'not_connected' });
    expect(world.upstream.requests).toHaveLength(before);
    expect((await call(browser)).status).toBe(200);
  } finally {
    world.server.person = first;
  }
});

test('a grant that turns out to be over while an organization is chosen is over all the same', async () => {
  const browser = await world.connected();
  world.upstream.answer('/v1/organizations', jsonReply({ list: [{ id: 'o1', name: 'One' }] }));
  world.forward(3570);
  const { bend, answer, pending } = await refreshUnderWay(browser);
  expect((await browser.api.put('/api/connections/acme/organization', { json: { id: 'o1' } })).status).toBe(200);
  bend.reply = jsonReply({ error: 'invalid_grant' }, 400);
  answer();
  await pending;
  world.forward(100);
  expect((await call(browser)).status).toBe(401);
  expect(world.refreshes()).toBe(1);
});

test('an organization that is chosen during a refresh is kept, and so are the new tokens', async () => {
  const browser = await world.connected();
  world.upstream.answer('/v1/organizations', jsonReply({ list: [{ id: 'o1', name: 'One' }] }));
  world.forward(3570);
  const { answer, pending } = await refreshUnderWay(browser);
  const chosen = await browser.api.put('/api/connections/acme/organization', { json: { id: 'o1' } });
  expect(chosen.status).toBe(200);
  answer();
  expect((await pending).status).toBe(200);
  world.forward(100);
  const after = await call(browser);
  expect(after.status).toBe(200);
  expect(world.upstream.last.headers['x-org']).toBe('o1');
  expect(world.refreshes()).toBe(1);
});

test('a refresh whose browser went away is completed and saved', async () => {
  const browser = await world.connected();
  world.forward(3600);
  const headers = { cookie: browser.cookieHeader() ?? '', 'x-csrf': '1' };
  const { asked, answer } = holdRefresh();
  const gone = request(`${world.app.url}/proxy/acme/invoices`, { headers });
  gone.on('error', () => undefined);
  gone.end();
  await asked;
  gone.destroy();
  answer();
  expect((await call(browser)).status).toBe(200);
  expect(world.refreshes()).toBe(1);
  expect(world.upstream.requests).toHaveLength(1);
});

test('two connections of one session are refreshed at once, and both are saved', async () => {
  const browser = await world.connected('acme', 'other');
  world.forward(3600);
  world.server.bend.token = { on: 'refresh_token', wait: 100 };
  const both = await Promise.all([call(browser, 'acme'), call(browser, 'other')]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(world.refreshes()).toBe(2);
  expect([(await call(browser, 'acme')).status, (await call(browser, 'other')).status]).toEqual([200, 200]);
  expect(world.refreshes()).toBe(2);
});
