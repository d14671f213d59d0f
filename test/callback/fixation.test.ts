import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import type { Browser } from '../world/browser.js';

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({
    env: { OWNER_SECRET: 'owner-secret-that-is-long-enough-0123456789', OWNER_AUDIENCE: 'gatehouse' },
  });
});
afterAll(() => world.close());
beforeEach(() => {
  world.reset();
  world.acme.person.sub = 'victim';
});

/** Puts what one browser holds into another, as a sibling host could. */
const plant = (from: Browser, to: Browser, wanted: (name: string) => boolean) => {
  for (const { name, value } of from.cookies()) if (wanted(name)) to.setCookie(name, value);
};
const isSession = (name: string) => name === 'gatehouse';
const isAttempt = (name: string) => name.includes('-attempt.');

/** What the attacker can do with everything that the attacker ever held. */
const reads = async (attacker: Browser) => (await attacker.api.get('/proxy/acme/userinfo')).status;

describe('a session id that an attacker planted', () => {
  test('is dead once the victim has connected', async () => {
    const attacker = world.newBrowser();
    await world.connect(attacker, 'books');
    const victim = world.newBrowser();
    plant(attacker, victim, isSession);
    expect(outcomeOf(await world.connect(victim, 'acme'))).toBeNull();
    expect(await world.statuses(victim)).toMatchObject({ acme: 'connected' });
    expect(victim.cookie('gatehouse')?.value).not.toBe(attacker.cookie('gatehouse')?.value);
    expect(await reads(attacker)).toBe(401);
    expect((await attacker.api.get('/proxy/books/userinfo')).status).toBe(401);
    expect(await world.statuses(attacker)).toEqual({ acme: 'not_connected', books: 'not_connected' });
  });

  test('and renewed while the victim is on the way gets nothing of the victim’s', async () => {
    const attacker = world.newBrowser();
    await world.connect(attacker, 'books');
    const victim = world.newBrowser();
    plant(attacker, victim, isSession);
    const callback = await world.toCallback(victim, 'acme');
    await world.connect(attacker, 'books');
    expect((await world.open(victim, callback)).status).toBe(400);
    expect(await world.statuses(attacker)).toMatchObject({ acme: 'not_connected' });
    expect(world.acme.tokenCalls).toHaveLength(0);
  });

  test('and renewed while the victim’s code is exchanged gets nothing of the victim’s', async () => {
    const attacker = world.newBrowser();
    await world.connect(attacker, 'books');
    const victim = world.newBrowser();
    plant(attacker, victim, isSession);
    const callback = await world.toCallback(victim, 'acme');
    let answer: () => void = () => undefined;
    world.acme.bend.token = { wait: new Promise<void>((resolve) => (answer = resolve)) };
    const opened = world.open(victim, callback);
    while (world.acme.tokenCalls.length === 0) await new Promise(setImmediate);
    await world.connect(attacker, 'books');
    answer();
    expect(outcomeOf(await opened)).toBe('state_unknown');
    expect(await world.statuses(attacker)).toMatchObject({ acme: 'not_connected' });
    expect(world.acme.revocations).toHaveLength(1);
  });

  test('of nobody, or with a broken signature, is not taken over', async () => {
    for (const value of ['s:AAAAAAAAAAAAAAAAAAAAAA.' + 'B'.repeat(43) + '.forged', 'x', 'y'.repeat(8192 - 200)]) {
      const victim = world.newBrowser();
      victim.setCookie('gatehouse', value);
      expect(outcomeOf(await world.connect(victim))).toBeNull();
      expect(victim.cookie('gatehouse')?.value).not.toBe(value);
      expect(await world.statuses(victim)).toMatchObject({ acme: 'connected' });
    }
  });
});

describe('an attempt that an attacker planted', () => {
  test('brings the attacker nothing once the victim has finished it', async () => {
    const attacker = world.newBrowser();
    const callback = await world.toCallback(attacker, 'acme');
    const victim = world.newBrowser();
    plant(attacker, victim, isAttempt);
    await world.open(victim, callback);
    const guessed = new URL(callback);
    guessed.searchParams.set('code', 'guessed');
    for (const address of [callback, guessed]) await world.open(attacker, address);
    expect(await world.statuses(attacker)).toMatchObject({ acme: 'not_connected' });
    expect(await reads(attacker)).toBe(401);
  });

  test.each([0, 61])('of a session of the attacker’s is refused, %i s after that was renewed', async (seconds) => {
    const attacker = world.newBrowser();
    await world.connect(attacker, 'books');
    const request = await world.start(attacker, 'acme');
    const victim = world.newBrowser();
    plant(attacker, victim, (name) => name.includes('-attempt.acme.'));
    await world.connect(attacker, 'books');
    world.app.forward(seconds);
    expect((await world.open(victim, await world.authorize(request))).status).toBe(400);
    expect(await world.statuses(attacker)).toEqual({ acme: 'not_connected', books: 'connected' });
  });

  test.each([0, 61])(
    'that came along into the attacker’s session brings nothing into that, %i s later',
    async (seconds) => {
      const attacker = world.newBrowser();
      const [acme, books] = [await world.start(attacker, 'acme'), await world.start(attacker, 'books')];
      const victim = world.newBrowser();
      plant(attacker, victim, (name) => name.includes('-attempt.acme.'));
      await world.open(attacker, await world.authorize(books));
      world.app.forward(seconds);
      await world.open(victim, await world.authorize(acme));
      expect(await world.statuses(attacker)).toEqual({ acme: 'not_connected', books: 'connected' });
      expect(await world.statuses(victim)).toMatchObject({ acme: 'connected' });
    },
  );

  test('brings nothing into a session that the attacker begins while the victim’s code is exchanged', async () => {
    const attacker = world.newBrowser();
    const [acme, books] = [await world.start(attacker, 'acme'), await world.start(attacker, 'books')];
    const victim = world.newBrowser();
    plant(attacker, victim, (name) => name.includes('-attempt.acme.'));
    let answer: () => void = () => undefined;
    world.acme.bend.token = { wait: new Promise<void>((resolve) => (answer = resolve)) };
    const opened = world.open(victim, await world.authorize(acme));
    while (world.acme.tokenCalls.length === 0) await new Promise(setImmediate);
    await world.open(attacker, await world.authorize(books));
    answer();
    expect(outcomeOf(await opened)).toBe('state_unknown');
    expect(await world.statuses(attacker)).toEqual({ acme: 'not_connected', books: 'connected' });
    expect(world.acme.revocations).toHaveLength(1);
  });

  test('with all others of the attacker’s brings nothing into a session begun six seconds ago', async () => {
    const attacker = world.newBrowser();
    const [acme, books] = [await world.start(attacker, 'acme'), await world.start(attacker, 'books')];
    const victim = world.newBrowser();
    plant(attacker, victim, isAttempt);
    await world.open(attacker, await world.authorize(books));
    world.app.forward(6);
    await world.open(victim, await world.authorize(acme));
    expect(await world.statuses(attacker)).toEqual({ acme: 'not_connected', books: 'connected' });
  });
});

test('a browser with the attempts of a session of the attacker’s brings nothing into that, six seconds after it was renewed', async () => {
  const attacker = world.newBrowser();
  await world.connect(attacker, 'books');
  const request = await world.start(attacker, 'acme');
  await world.connect(attacker, 'books');
  const victim = world.newBrowser();
  plant(attacker, victim, isAttempt);
  world.app.forward(6);
  expect((await world.open(victim, await world.authorize(request))).status).toBe(400);
  expect(await world.statuses(attacker)).toEqual({ acme: 'not_connected', books: 'connected' });
});

describe('between the start and the callback', () => {
  test('a logout ends the attempt before its code is spent', async () => {
    const browser = world.newBrowser();
    await world.connect(browser, 'books');
    const callback = await world.toCallback(browser, 'acme');
    const attempts = browser.cookies().filter(({ name }) => isAttempt(name));
    await browser.api.post('/logout');
    for (const { name, value } of attempts) browser.setCookie(name, value);
    expect((await world.open(browser, callback)).status).toBe(400);
    expect(world.acme.tokenCalls).toHaveLength(0);
  });

  test('a logout during the exchange leaves no session and gives the tokens back', async () => {
    const browser = world.newBrowser();
    await world.connect(browser, 'books');
    const callback = await world.toCallback(browser, 'acme');
    let answer: () => void = () => undefined;
    world.acme.bend.token = { wait: new Promise<void>((resolve) => (answer = resolve)) };
    const opened = world.open(browser.newTab(), callback);
    while (world.acme.tokenCalls.length === 0) await new Promise(setImmediate);
    await browser.api.post('/logout');
    answer();
    expect(outcomeOf(await opened)).toBe('state_unknown');
    expect(await world.statuses(browser)).toEqual({ acme: 'not_connected', books: 'not_connected' });
    expect(world.acme.revocations).toHaveLength(1);
  });

  test('another session of the same browser does not get what was started in the first', async () => {
    const browser = world.newBrowser();
    await world.connect(browser, 'books');
    const callback = await world.toCallback(browser, 'acme');
    const other = world.newBrowser();
    await world.connect(other, 'books');
    plant(other, browser, isSession);
    expect((await world.open(browser, callback)).status).toBe(400);
    expect(await world.statuses(other)).toMatchObject({ acme: 'not_connected' });
  });
});
