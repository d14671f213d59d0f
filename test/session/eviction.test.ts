import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { connectOrFail, outcome, sessionCookie, startSessionWorld, type SessionWorld } from './session-world.js';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({}, ['acme', 'second']);
});
afterAll(() => world.close());

const tagOf = (browser: Browser) =>
  /^s(?:%3A|:)([\w-]{22})\./.exec(browser.cookie(sessionCookie)?.value ?? '')?.[1] ?? '';

/** How a record can be lost or spoilt from outside. */
const harms: Record<string, (key: string) => Promise<unknown>> = {
  evicted: (key) => world.redis.cli('del', key),
  'overwritten with text': (key) => world.redis.cli('set', key, 'garbage', 'px', '60000'),
  emptied: (key) => world.redis.cli('set', key, '', 'px', '60000'),
  truncated: async (key) => {
    await world.redis.cli(
      'eval',
      "redis.call('SET', KEYS[1], string.sub(redis.call('GET', KEYS[1]), 1, 30), 'PX', 60000)",
      '1',
      key,
    );
  },
  'changed in its last byte': (key) => world.redis.cli('setrange', key, '60', '!!!!!!!!!!!!'),
  'replaced by a list': async (key) => {
    await world.redis.cli('del', key);
    await world.redis.cli('rpush', key, 'x');
    await world.redis.cli('pexpire', key, '60000');
  },
};
const kinds = Object.keys(harms);

async function everyRoute(browser: Browser): Promise<number[]> {
  const answers = [
    await browser.api.get('/api/session'),
    await browser.api.get('/api/connections/acme'),
    await browser.get('/', { accept: 'text/html' }),
    await browser.get('/connections/acme', { accept: 'text/html' }),
    await browser.api.post('/api/connections/acme/refresh'),
    await browser.api.get('/api/connections/acme/organizations'),
  ];
  return answers.map(({ status }) => status);
}

test.each(kinds)(
  'a session record that was %s is a missing session: 401 and never 500, until one begins anew',
  async (kind) => {
    const browser = await world.connected('acme');
    await harms[kind]?.(`gh:{${tagOf(browser)}}:session`);
    for (let round = 0; round < 2; round += 1) {
      expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('401 login_required');
      expect((await browser.api.get('/api/session')).text).toContain('"active":false');
      for (const status of await everyRoute(browser)) expect(status).toBeLessThan(500);
    }
    await connectOrFail(browser, 'acme');
    expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
  },
);

test.each(kinds)('a connection record that was %s asks for that connection alone: 401 and never 500', async (kind) => {
  const browser = await world.connected('acme', 'second');
  await harms[kind]?.(`gh:{${tagOf(browser)}}:connection:acme`);
  const lines = world.app.lines.length;
  for (let round = 0; round < 2; round += 1) {
    // What is gone without a trace is like what was never there.
    const code = kind === 'evicted' ? 'not_connected' : 'reauth_required';
    expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe(`401 ${code}`);
    expect((await browser.api.get('/api/connections/acme')).json).toMatchObject({ status: code });
    expect((await browser.api.post('/api/connections/acme/refresh')).json).toMatchObject({ status: 401, code });
    for (const status of await everyRoute(browser)) expect(status).toBeLessThan(500);
  }
  expect(world.app.lines.slice(lines).filter((line) => line.includes('unreadable'))).toHaveLength(
    kind === 'evicted' ? 0 : 1,
  );
  expect(outcome(await browser.api.get('/proxy/second/x'))).toBe('200');
  expect((await browser.api.delete('/api/connections/acme')).status).toBe(200);
  await connectOrFail(browser, 'acme');
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
  expect(outcome(await browser.api.get('/proxy/second/x'))).toBe('200');
});

test.each(kinds)("an attempt that was %s is nobody's: 400, no exchange, and the session stays", async (kind) => {
  const browser = await world.connected('second');
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  for (const key of await world.keys()) if (key.includes(`{${tagOf(browser)}}:attempt`)) await harms[kind]?.(key);
  const calls = world.server.tokenCallsOf('authorization_code');
  expect((await browser.navigate(callbackUrl ?? '', { follow: false })).status).toBe(400);
  expect(world.server.tokenCallsOf('authorization_code')).toBe(calls);
  expect(outcome(await browser.api.get('/proxy/second/x'))).toBe('200');
});

test("records cannot be swapped: one session's connection does not open under another's name", async () => {
  const [rich, poor] = [await world.connected('acme'), await world.connected('acme')];
  await world.redis.cli(
    'copy',
    `gh:{${tagOf(rich)}}:connection:acme`,
    `gh:{${tagOf(poor)}}:connection:acme`,
    'replace',
  );
  expect(outcome(await poor.api.get('/proxy/acme/x'))).toBe('401 reauth_required');
});

test('a browser that lost its session cookie begins a session anew, though its older attempts are still named', async () => {
  const browser = await world.connected('acme');
  const lost = tagOf(browser);
  browser.setCookie(sessionCookie, 'lost');
  world.app.forward(61);
  await connectOrFail(browser, 'acme');
  expect(tagOf(browser)).not.toBe(lost);
  expect(outcome(await browser.api.get('/proxy/acme/x'))).toBe('200');
});
