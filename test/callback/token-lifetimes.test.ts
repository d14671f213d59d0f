import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connectionOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import type { TokenBend } from '../world/misbehaving/token-answer.js';

let world: ConnectWorld;

beforeAll(async () => {
  const endpoints = { authorization: '$base/authorize', token: '$base/token' };
  const base = { extends: 'generic-oauth2', endpoints, scopes: ['read'], api: { base_url: '$base' } };
  world = await startConnectWorld({
    env: { SESSION_IDLE_SECONDS: '31536000', SESSION_MAX_SECONDS: '31536000' },
    files: {
      endless: { ...base, token: { answer: { expires_in: { zero: 'never' } } } },
      nested: { ...base, token: { answer: { expires_in: { pointer: '/data/lives', unit: 'minutes' } } } },
      never: { ...base, token: { default_lifetime: 'never' } },
      usual: { ...base, token: { default_lifetime: 1234 } },
    },
  });
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const connectWith = async (provider: string, body: NonNullable<TokenBend['body']>) => {
  const browser = world.newBrowser();
  world.acme.bend.token = { body };
  return { browser, outcome: outcomeOf(await world.connect(browser, provider)) };
};
const accessOf = async (provider: string, body: NonNullable<TokenBend['body']>) => {
  const { browser, outcome } = await connectWith(provider, body);
  expect(outcome).toBeNull();
  return (await connectionOf(browser, provider)).access as unknown as Record<string, unknown>;
};
const jwt = (claims: object) =>
  ['{"alg":"RS256"}', JSON.stringify(claims), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');
const inSeconds = (seconds: number) => Math.floor(world.app.now() / 1000) + seconds;

test.each([0, '0', null])('expires_in: %j means no end where the file says so, and shows as none', async (given) => {
  const { browser, outcome } = await connectWith('endless', { expires_in: given, refresh_token: undefined });
  expect(outcome).toBeNull();
  const withoutEnd = { expires_at: null, expires_in: null, source: 'expires_in', refreshable: false };
  expect(await connectionOf(browser, 'endless')).toMatchObject({ status: 'connected', access: withoutEnd });
  expect((await browser.get('/')).text).not.toMatch(/NaN|Invalid Date/);
  world.app.forward(200 * 86_400);
  expect(await connectionOf(browser, 'endless')).toMatchObject({ status: 'connected', access: withoutEnd });
  expect(world.acme.tokenCallsOf('refresh_token')).toBe(0);
});

test.each([0, -1, 'soon'])(
  'expires_in: %j is refused elsewhere, and the log names the member and the key',
  async (given) => {
    const before = world.app.lines.length;
    expect((await connectWith('usual', { expires_in: given })).outcome).toBe('token_response_invalid');
    const line = world.app.lines.slice(before).find((each) => each.includes('connect.failed')) ?? '';
    expect(line).toMatch(/TokenEndpointError\(expires_in\)/);
    expect(line).toContain('token.answer.expires_in');
  },
);

test('a lifetime is read where the file says, in its unit', async () => {
  expect(await accessOf('nested', { expires_in: 5, data: { lives: 10 } })).toMatchObject({ source: 'expires_in' });
  const { expires_in: left } = await accessOf('nested', { expires_in: 5, data: { lives: 10 } });
  expect(left).toBeGreaterThan(590);
  expect(left).toBeLessThanOrEqual(600);
});

test('default_lifetime: never holds where nothing is stated', async () => {
  const withoutEnd = { expires_at: null, expires_in: null, source: 'default' };
  expect(await accessOf('never', { expires_in: undefined })).toMatchObject(withoutEnd);
  expect(await accessOf('never', { expires_in: 600 })).toMatchObject({ source: 'expires_in' });
});

test('the exp of a JWT counts where nothing else is stated, and only a plausible one', async () => {
  const access = await accessOf('usual', { expires_in: undefined, access_token: jwt({ exp: inSeconds(7200) }) });
  expect(access['source']).toBe('access_token');
  expect(access['expires_in']).toBeGreaterThan(7190);
  for (const exp of [inSeconds(-5), inSeconds(40_000_000), 'tomorrow', inSeconds(7200) * 1000])
    expect(await accessOf('usual', { expires_in: undefined, access_token: jwt({ exp }) })).toMatchObject({
      source: 'default',
    });
  expect(await accessOf('usual', { expires_in: 60, access_token: jwt({ exp: inSeconds(7200) }) })).toMatchObject({
    source: 'expires_in',
  });
});

test.each(['', 'Z', ' UTC', '+00:00', '+0000'])('expires_at with the zone %j is read as UTC', async (zone) => {
  const local = process.env['TZ'];
  process.env['TZ'] = 'Pacific/Auckland';
  try {
    const at = new Date(inSeconds(1800) * 1000).toISOString().slice(0, 19);
    for (const written of [`${at}${zone}`, `${at.replace('T', ' ')}${zone}`, `${at}.123456${zone}`]) {
      const access = await accessOf('usual', { expires_in: undefined, expires_at: written });
      expect(access).toMatchObject({ source: 'expires_at' });
      expect(access['expires_in']).toBeGreaterThan(1780);
      expect(access['expires_in']).toBeLessThanOrEqual(1801);
    }
  } finally {
    if (local === undefined) delete process.env['TZ'];
    else process.env['TZ'] = local;
  }
});
