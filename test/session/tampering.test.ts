import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { SignJWT } from 'jose';
import type { Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { connectOrFail, sessionCookie, startSessionWorld, type SessionWorld } from './session-world.js';

/*
 * An attacker who can write to Redis and has no key: no SESSION_SECRET, no ENCRYPTION_KEYS. The attacker has browsers of
 * their own, and everything that these were given.
 */

const secret = randomBytes(32).toString('base64');
let world: SessionWorld;
let redis: Redis;
beforeAll(async () => {
  world = await startSessionWorld({ OWNER_SECRET: secret, OWNER_AUDIENCE: 'gatehouse' }, ['acme', 'second']);
  redis = new Redis(world.redis.url);
});
beforeEach(() => world.server.reset());
afterAll(async () => {
  redis.disconnect();
  await world.close();
});

const tagOf = (browser: Browser) =>
  /^s(?:%3A|:)([\w-]{22})\./.exec(browser.cookie(sessionCookie)?.value ?? '')?.[1] ?? '';
const record = (tag: string, rest: string) => `gh:{${tag}}:${rest}`;
const copy = async (from: string, to: string) => {
  const value = await redis.getBuffer(from);
  if (value) await redis.set(to, value, 'PX', 600_000);
};
const keysOf = (tag: string, kind: string) => redis.keys(`gh:{${tag}}:${kind}:*`);
const plainSession = async (tag: string, more: object) => {
  const key = record(tag, 'session');
  const hash = ((await redis.get(key)) ?? '').slice(0, 44);
  const seconds = Math.floor(world.app.now() / 1000);
  const text = JSON.stringify({ createdAt: seconds, renewedAt: seconds, ...more });
  await redis.set(key, hash + text, 'PX', 600_000);
};
const bind = async (browser: Browser, sub: string) => {
  const claims = {
    sub,
    aud: 'gatehouse',
    exp: Math.floor(world.app.now() / 1000) + 60,
    jti: randomBytes(8).toString('hex'),
  };
  const signed = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' });
  const assertion = await signed.sign(createSecretKey(Buffer.from(secret)));
  return browser.api.put('/api/session/owner', { json: { assertion } });
};
/** Two first tabs of one browser, each on its way back: started at the same moment. */
const twoTabs = async (browser: Browser) => {
  const started = ['acme', 'second'].map((provider) => connect(browser.newTab(), provider, { stopAt: 'callback' }));
  return (await Promise.all(started)).map(({ callbackUrl }) => callbackUrl ?? '');
};
const attemptKeys = (browser: Browser) =>
  browser.cookies().flatMap(({ name, value }) => {
    const [tag = '', id = ''] = value.split('.');
    const hash = createHash('sha256').update(id, 'ascii').digest('base64url');
    return name.includes('-attempt.') ? [{ tag, hash }] : [];
  });
const carryTo = async (browser: Browser, tag: string) => {
  for (const attempt of attemptKeys(browser))
    await redis.set(record(attempt.tag, `carried:${attempt.hash}`), `${tag} ${world.app.now()}`, 'PX', 600_000);
};

/** The victim's connection is named by its account; the attacker's browsers must never call with its token. */
const victim = async (owner?: string) => {
  world.server.person.sub = 'victim';
  const browser = await world.connected('acme');
  if (owner !== undefined) await bind(browser, owner);
  await browser.api.get('/proxy/acme/x');
  world.server.person.sub = 'attacker';
  return { browser, tag: tagOf(browser), bearer: world.upstream.last.bearer };
};
const accountOf = async (browser: Browser, provider = 'acme') =>
  ((await browser.api.get(`/api/connections/${provider}`)).json as { account: { subject: string } | null }).account
    ?.subject;
const calls = async (browser: Browser, provider = 'acme') => {
  const before = world.upstream.requests.length;
  const { status } = await browser.api.get(`/proxy/${provider}/x`);
  return world.upstream.requests.length === before ? `${status}` : world.upstream.last.bearer;
};

type Attack = (victim: { browser: Browser; tag: string }) => Promise<Browser[]>;

const attacks: Record<string, Attack> = {
  'points what was assigned to an attempt at the session': async ({ tag }) => {
    const browser = world.browser();
    const callbacks = await twoTabs(browser);
    await carryTo(browser, tag);
    for (const callback of callbacks) await browser.navigate(callback, { follow: false });
    return [browser];
  },
  'does so with the session record taken away': async ({ tag }) => {
    await redis.del(record(tag, 'session'));
    const browser = world.browser();
    const callbacks = await twoTabs(browser);
    await carryTo(browser, tag);
    for (const callback of callbacks) await browser.navigate(callback, { follow: false });
    return [browser];
  },
  'takes the session record away only until the attempt is taken': async ({ tag }) => {
    const key = record(tag, 'session');
    const session = await redis.getBuffer(key);
    const browser = world.browser();
    const [first = '', second = ''] = await twoTabs(browser);
    await redis.del(key);
    await carryTo(browser, tag);
    await browser.navigate(first, { follow: false });
    if (session) await redis.set(key, session, 'PX', 600_000);
    await browser.navigate(second, { follow: false });
    return [browser];
  },
  'copies the session record over their own': async ({ tag }) => {
    const browser = await world.connected('second');
    await copy(record(tag, 'session'), record(tagOf(browser), 'session'));
    return [browser];
  },
  'puts their own session record into its place': async ({ tag }) => {
    const browser = await world.connected('second');
    await copy(record(tagOf(browser), 'session'), record(tag, 'session'));
    return [browser];
  },
  'copies the connection into their own session': async ({ tag }) => {
    const browser = await world.connected('second');
    await copy(record(tag, 'connection:acme'), record(tagOf(browser), 'connection:acme'));
    return [browser];
  },
  'copies the connection to another provider of their own': async ({ tag }) => {
    const browser = await world.connected('second');
    await copy(record(tag, 'connection:acme'), record(tagOf(browser), 'connection:second'));
    return [browser];
  },
  'puts the connection up for confirmation in their own session': async ({ tag }) => {
    const browser = await world.connected('second');
    await copy(record(tag, 'connection:acme'), record(tagOf(browser), 'candidate:acme'));
    await browser.api.post('/connect/acme/confirm', { json: { decision: 'confirm' } });
    return [browser];
  },
  'moves an attempt of their own into its records': async ({ tag }) => {
    const browser = world.browser();
    const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
    for (const attempt of attemptKeys(browser))
      await copy(record(attempt.tag, `attempt:${attempt.hash}`), record(tag, `attempt:${attempt.hash}`));
    for (const { name, value } of browser.cookies())
      if (name.includes('-attempt.')) browser.setCookie(name, [tag, ...value.split('.').slice(1)].join('.'));
    await browser.navigate(callbackUrl ?? '', { follow: false });
    return [browser];
  },
  'writes a plain session of theirs into its records': async ({ tag }) => {
    const browser = await world.connected('second');
    const [, mine = ''] = /\.([\w-]{43})\./.exec(browser.cookie(sessionCookie)?.value ?? '') ?? [];
    const hash = createHash('sha256').update(mine, 'ascii').digest('base64url');
    const seconds = Math.floor(world.app.now() / 1000);
    await redis.set(record(tag, 'session'), `${hash}\n{"createdAt":${seconds},"renewedAt":${seconds}}`, 'PX', 600_000);
    browser.setCookie(sessionCookie, `s:${tag}.${mine}.forged`);
    return [browser];
  },
};

test.each(Object.keys(attacks))('an attacker who %s gets nothing of it', async (name) => {
  const target = await victim();
  for (const browser of (await attacks[name]?.(target)) ?? []) {
    expect(await accountOf(browser)).not.toBe('victim');
    for (const provider of ['acme', 'second']) expect(await calls(browser, provider)).not.toBe(target.bearer);
  }
  // And nothing of the attacker's is put into the victim's session.
  expect(['victim', undefined]).toContain(await accountOf(target.browser));
});

test.each<[string, (tag: string) => Promise<unknown>]>([
  ['without an owner', (tag) => plainSession(tag, {})],
  ['with another owner', (tag) => plainSession(tag, { owner: 'bob' })],
  [
    'with another owner beside what proves it',
    async (tag) => {
      const key = record(tag, 'session');
      const text = (await redis.get(key)) ?? '';
      await redis.set(key, text.replace('"owner":"ann"', '"owner":"bob"'), 'PX', 600_000);
    },
  ],
])(
  'the record of a bound session that is written %s opens nothing for the next person at the browser',
  async (_how, write) => {
    const { browser, tag } = await victim('ann');
    await write(tag);
    await bind(browser, 'bob');
    expect(await accountOf(browser)).toBeUndefined();
  },
);

test('a session that begins, begins empty: every record that lies under its browser id is deleted with that commit', async () => {
  const browser = world.browser();
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  const [{ tag } = { tag: '' }] = attemptKeys(browser);
  for (const kind of ['connection', 'candidate', 'pause', 'sent', 'lock'])
    await redis.set(record(tag, `${kind}:second`), 'left behind', 'PX', 600_000);
  await browser.navigate(callbackUrl ?? '', { follow: false });
  expect(tagOf(browser)).toBe(tag);
  for (const kind of ['connection', 'candidate', 'pause', 'sent', 'lock'])
    expect(await keysOf(tag, kind)).toHaveLength(kind === 'connection' ? 1 : 0);
  expect(await accountOf(browser, 'second')).toBeUndefined();
});

test('a pause that was not sealed here is none', async () => {
  const browser = await world.connected('acme');
  await redis.set(record(tagOf(browser), 'pause:acme'), `9 ${world.app.now() + 9e9} configuration`, 'PX', 600_000);
  expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
});

test('a lease that no process took does not keep a reload waiting', async () => {
  const browser = world.browser();
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  await connectOrFail(world.browser(), 'second');
  const [{ tag, hash } = { tag: '', hash: '' }] = attemptKeys(browser);
  await redis.set(record(tag, `work:${hash}`), randomBytes(36), 'PX', 600_000);
  expect((await browser.navigate(callbackUrl ?? '', { follow: false })).location?.searchParams.get('connected')).toBe(
    'acme',
  );
});
