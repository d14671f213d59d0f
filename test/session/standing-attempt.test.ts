import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createSecretKey, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { eventually } from '../world/redis.js';
import { connectOrFail, gate, outcome, sessionCookie, startSessionWorld, type SessionWorld } from './session-world.js';

/*
 * What a sign-in brings is stored only while its attempt stands: in the same commit. Here somebody logs out, or somebody
 * else comes, while the code is exchanged.
 */

const secret = randomBytes(32).toString('base64');
let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({ OWNER_SECRET: secret, OWNER_AUDIENCE: 'gatehouse' }, ['acme', 'second']);
});
beforeEach(() => world.server.reset());
afterAll(() => world.close());

const bind = async (browser: Browser, sub: string) => {
  const seconds = Math.floor(world.app.now() / 1000);
  const claims = { sub, aud: 'gatehouse', exp: seconds + 60, jti: randomBytes(8).toString('hex') };
  const assertion = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .sign(createSecretKey(Buffer.from(secret)));
  expect((await browser.api.put('/api/session/owner', { json: { assertion } })).status).toBe(200);
};
const logOut = async (browser: Browser) => {
  expect((await browser.api.post('/logout')).status).toBe(200);
};

/** The callback opens, something happens while the token endpoint is at work, and then its answer comes. */
const during = async (browser: Browser, callbackUrl: string | URL | undefined, act: () => Promise<unknown>) => {
  const { held, letGo } = gate();
  world.server.bend.token = { on: 'authorization_code', wait: held };
  const before = world.server.tokenCalls.length;
  const finishing = browser.newTab().navigate(callbackUrl ?? '', { follow: false });
  await eventually(() => Promise.resolve(world.server.tokenCalls.length > before));
  await act();
  letGo();
  return finishing;
};
const statusOf = async (browser: Browser, provider = 'acme') =>
  ((await browser.api.get(`/api/connections/${provider}`)).json as { status: string }).status;
const tagOf = (browser: Browser) =>
  /^s(?:%3A|:)([\w-]{22})\./.exec(browser.cookie(sessionCookie)?.value ?? '')?.[1] ?? '';

test.each<[string, (browser: Browser) => Promise<unknown>]>([
  ['a logout', logOut],
  ['a change of owner', (browser) => bind(browser, 'bob')],
])('a first sign-in under way is not stored after %s, and its tokens are revoked', async (_name, act) => {
  const browser = world.browser();
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  const answer = await during(browser, callbackUrl, () => act(browser));
  expect(answer.location?.searchParams.get('connect_error')).toBe('state_unknown');
  expect(answer.setCookies.filter((line) => line.startsWith(`${sessionCookie}=`))).toEqual([]);
  expect(await statusOf(browser)).toBe('not_connected');
  expect((await world.keys()).filter((key) => key.includes(':connection:'))).toEqual([]);
  expect(world.server.revocations).toHaveLength(1);
});

test('a session that was bound meanwhile is not replaced: its cookie stays, and what is in it', async () => {
  const browser = world.browser();
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  let bobs = '';
  await during(browser, callbackUrl, async () => {
    await bind(browser, 'bob');
    bobs = browser.cookie(sessionCookie)?.value ?? '';
  });
  expect(browser.cookie(sessionCookie)?.value).toBe(bobs);
  await connectOrFail(browser, 'second');
  await bind(browser, 'bob');
  expect([await statusOf(browser, 'second'), await statusOf(browser)]).toEqual(['connected', 'not_connected']);
});

test('neither is a session without owner that is bound while another provider is connected in it', async () => {
  const browser = await world.connected('second');
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  const answer = await during(browser, callbackUrl, () => bind(browser, 'bob'));
  expect(answer.location?.searchParams.get('connect_error')).toBe('state_unknown');
  expect([await statusOf(browser, 'second'), await statusOf(browser)]).toEqual(['connected', 'not_connected']);
});

test.each<[string, (browser: Browser) => Promise<unknown>]>([
  ['a logout', logOut],
  ['a change of owner', (browser) => bind(browser, 'bob')],
])('two tabs of a browser without session, of which one is under way: %s ends both', async (_name, act) => {
  const browser = world.browser();
  // Started at the same moment, the attempts lie under two browser ids, and must name one session.
  const [one, two] = await Promise.all(
    ['acme', 'second'].map((provider) => connect(browser.newTab(), provider, { stopAt: 'callback' })),
  );
  const answer = await during(browser, one?.callbackUrl, () => act(browser));
  expect(answer.location?.searchParams.get('connect_error')).toBe('state_unknown');
  expect((await browser.navigate(two?.callbackUrl ?? '', { follow: false })).status).toBe(400);
  expect([await statusOf(browser), await statusOf(browser, 'second')]).toEqual(['not_connected', 'not_connected']);
});

test('a logout ends a session whose cookie is still on its way to the browser', async () => {
  const browser = world.browser();
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  const attempts = browser.cookies().filter(({ name }) => name.includes('-attempt.'));
  const finished = await browser.newTab().navigate(callbackUrl ?? '', { follow: false });
  expect(finished.location?.searchParams.get('connected')).toBe('acme');
  const slot = tagOf(browser);
  // The browser as it was before that response arrived.
  const early = world.browser();
  for (const { name, value } of attempts) early.setCookie(name, value);
  await logOut(early);
  expect((await world.keys()).filter((key) => key.includes(slot))).toEqual([]);
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('401 login_required');
  expect(world.server.revocations).toHaveLength(1);
});

test('an account that waits for confirmation is not confirmed after a change of owner or a logout', async () => {
  const sub = world.server.person.sub;
  for (const act of [logOut, (browser: Browser) => bind(browser, 'bob')]) {
    const browser = await world.connected('acme');
    world.server.person.sub = `${sub}-other`;
    const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
    const asked = await browser.navigate(callbackUrl ?? '', { follow: false });
    expect(asked.location?.pathname).toBe('/connect/acme/confirm');
    await act(browser);
    const answer = await browser.api.post('/connect/acme/confirm', { json: { decision: 'confirm' } });
    expect(answer.status).toBe(400);
    world.server.person.sub = sub;
  }
});

test('an attempt of a pop-up is not finished either', async () => {
  const browser = world.browser();
  const start = await browser.api.post('/connect/acme', { json: { popup_id: 'p'.repeat(22) } });
  const authorize = new URL((start.json as { authorize_url: string }).authorize_url);
  const granted = await world.browser().get(authorize);
  const answer = await during(browser, granted.location, () => logOut(browser));
  expect([answer.location?.pathname, answer.location?.searchParams.get('connect_error')]).toEqual([
    ...['/popup', 'state_unknown'],
  ]);
  expect(await statusOf(browser)).toBe('not_connected');
});
