import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../world/journey.js';
import type { Browser } from '../world/browser.js';
import { eventually } from '../world/redis.js';
import { connectOrFail, outcome, sessionCookie, startSessionWorld, type SessionWorld } from './session-world.js';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({ SESSION_IDLE_SECONDS: '900', SESSION_MAX_SECONDS: '3000' }, ['acme', 'second'], {});
});
afterAll(() => world.close());

const tagOf = (browser: Browser) =>
  /^s(?:%3A|:)([\w-]{22})\./.exec(browser.cookie(sessionCookie)?.value ?? '')?.[1] ?? '';
const timeLeft = async (key: string) => Number(await world.redis.cli('pttl', key));

test('everything of a browser has a time to live and shares one hash tag', async () => {
  await world.redis.cli('flushall');
  const browser = await world.connected('acme', 'second');
  await connect(browser, 'acme', { stopAt: 'callback' });
  await browser.api.post('/api/connections/acme/refresh');
  const keys = await world.keys();
  const own = keys.filter((key) => key.includes('{'));
  expect(own.length).toBeGreaterThan(4);
  for (const key of own) expect(key).toMatch(new RegExp(`^gh:\\{${tagOf(browser)}\\}:`));
  for (const key of keys) expect([key, (await timeLeft(key)) > 0]).toEqual([key, true]);
});

test('use moves the idle limit of the session and its connections together, never past the absolute one', async () => {
  const browser = await world.connected('acme');
  const keys = [`gh:{${tagOf(browser)}}:session`, `gh:{${tagOf(browser)}}:connection:acme`];
  for (const key of keys) expect((await timeLeft(key)) <= 900_000).toBe(true);
  for (const key of keys) await world.redis.cli('pexpire', key, '50000');
  world.app.forward(61);
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
  for (const key of keys) expect(await timeLeft(key)).toBeGreaterThan(800_000);

  world.app.forward(2700);
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
  for (const key of keys) expect(await timeLeft(key)).toBeLessThan(300_000);
  const { session } = (await browser.api.get('/api/session')).json as { session: { expires_in: number } };
  expect(session.expires_in).toBeLessThan(300);
});

test('after the absolute limit the session is over, though the browser keeps the cookie and Redis the record', async () => {
  const browser = await world.connected('acme');
  const { value = '' } = browser.cookie(sessionCookie) ?? {};
  world.app.forward(3001);
  const headers = { cookie: `${sessionCookie}=${value}`, 'x-csrf': '1' };
  expect(await timeLeft(`gh:{${tagOf(browser)}}:session`)).toBeGreaterThan(0);
  expect(outcome(await browser.get('/proxy/acme/x', { headers }))).toBe('401 login_required');
  expect((await browser.get('/api/session', { headers })).text).toContain('"active":false');
});

test('what waits for a confirmation, or for a provider to recover, is not kept longer by using the session', async () => {
  const browser = await world.connected('acme', 'second');
  world.server.person = { ...world.server.person, sub: 'somebody-else' };
  await connect(browser, 'second', { stopAt: 'confirm' });
  world.server.person = { ...world.server.person, sub: 'person-1' };
  const candidate = `gh:{${tagOf(browser)}}:candidate:second`;
  await world.redis.cli('set', `gh:{${tagOf(browser)}}:pause:acme`, 'x', 'px', '30000');
  expect(await timeLeft(candidate)).toBeGreaterThan(0);
  await world.redis.cli('pexpire', candidate, '20000');
  world.app.forward(61);
  expect((await browser.api.get('/api/session')).status).toBe(200);
  expect(outcome(await browser.api.get('/proxy/second/x'))).toBe('200');
  expect(await timeLeft(candidate)).toBeLessThanOrEqual(20_000);
  expect(await timeLeft(`gh:{${tagOf(browser)}}:pause:acme`)).toBeLessThanOrEqual(30_000);
});

test('a session that nobody uses ends with its connections', async () => {
  await world.restart({ SESSION_IDLE_SECONDS: '1', SESSION_MAX_SECONDS: '3000' });
  const browser = world.browser();
  await connectOrFail(browser, 'acme');
  const browserId = tagOf(browser);
  const gone = async () =>
    (await world.keys()).every((key) => !/:(session|connection)/.test(key) || !key.includes(browserId));
  await eventually(gone);
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('401 login_required');
  expect((await browser.api.get('/api/session')).text).toContain('"active":false');
});
