import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import type { Browser } from '../world/browser.js';

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({
    files: {
      silent: {
        extends: 'generic-oauth2',
        endpoints: { authorization: '$base/authorize', token: '$base/token' },
        authorization: { state: 'not_echoed' },
        api: { base_url: '$base' },
      },
      third: { extends: 'generic-oidc', issuer: '$base', api: { base_url: '$base' } },
    },
  });
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const sessionCookie = (browser: Browser) => browser.cookie('gatehouse')?.value;
const both = { acme: 'connected', books: 'connected' };

describe.each([
  ['a browser’s very first act', false],
  ['in a session', true],
])('two tabs that connect two providers, %s', (_name, session) => {
  const opened = async () => {
    const browser = world.newBrowser();
    if (session) await world.connect(browser, 'third');
    return browser;
  };
  const kept = session ? { third: 'connected' } : {};

  test.each([
    ['in sequence', ['acme', 'books']],
    ['in reverse', ['books', 'acme']],
  ])('and finish %s end up in one session', async (_order, order) => {
    const browser = await opened();
    const callbacks = new Map<string, URL>();
    for (const id of ['acme', 'books']) callbacks.set(id, await world.toCallback(browser.newTab(), id));
    for (const id of order) {
      const answer = await world.open(browser.newTab(), callbacks.get(id) ?? browser.base);
      expect(answer.location?.searchParams.get('connected')).toBe(id);
    }
    expect(await world.statuses(browser)).toMatchObject({ ...both, ...kept });
  });

  test('and finish at the very same moment end up in one session', async () => {
    for (let round = 0; round < 6; round++) {
      const browser = await opened();
      const callbacks = [await world.toCallback(browser, 'acme'), await world.toCallback(browser, 'books')];
      const answers = await Promise.all(callbacks.map((callback) => world.open(browser.newTab(), callback)));
      expect(answers.map(outcomeOf)).toEqual([null, null]);
      expect(await world.statuses(browser)).toMatchObject({ ...both, ...kept });
    }
  });

  test('and start and finish at the very same moment end up in one session', async () => {
    for (let round = 0; round < 6; round++) {
      const browser = await opened();
      const callbacks = await Promise.all(['acme', 'books'].map((id) => world.toCallback(browser.newTab(), id)));
      const answers = await Promise.all(callbacks.map((callback) => world.open(browser.newTab(), callback)));
      expect(answers.map(outcomeOf)).toEqual([null, null]);
      expect(await world.statuses(browser)).toMatchObject({ ...both, ...kept });
    }
  });

  test('of which one waits long for its tokens end up in one session', async () => {
    const browser = await opened();
    const [acme, books] = [await world.toCallback(browser, 'acme'), await world.toCallback(browser, 'books')];
    let answer: () => void = () => undefined;
    world.acme.bend.token = { wait: new Promise<void>((resolve) => (answer = resolve)) };
    const before = world.acme.tokenCalls.length;
    const slow = world.open(browser.newTab(), acme);
    while (world.acme.tokenCalls.length === before) await new Promise(setImmediate);
    await world.open(browser.newTab(), books);
    answer();
    expect(outcomeOf(await slow)).toBeNull();
    expect(await world.statuses(browser)).toMatchObject({ ...both, ...kept });
  });

  test('of which one fails leave the other connected', async () => {
    const browser = await opened();
    const callbacks = [await world.toCallback(browser, 'acme'), await world.toCallback(browser, 'books')];
    world.acme.bend.token = { reply: { status: 500 } };
    const answers = await Promise.all(callbacks.map((callback) => world.open(browser.newTab(), callback)));
    expect(answers.map(outcomeOf)).toEqual(['token_endpoint_unavailable', null]);
    expect(await world.statuses(browser)).toMatchObject({ acme: 'not_connected', books: 'connected', ...kept });
  });

  test('more than a minute apart: the session id is renewed, and both are in it', async () => {
    const browser = await opened();
    const [acme, books] = [await world.start(browser, 'acme'), await world.start(browser, 'books')];
    await world.open(browser, await world.authorize(acme));
    const old = sessionCookie(browser);
    world.app.forward(120);
    await world.open(browser, await world.authorize(books));
    expect(sessionCookie(browser)).not.toBe(old);
    expect(await world.statuses(browser)).toMatchObject({ ...both, ...kept });
  });
});

test('five tabs on one provider that finish in reverse order all succeed, each with its own code', async () => {
  const browser = world.newBrowser();
  const callbacks = [];
  for (let tab = 0; tab < 5; tab++) callbacks.push(await world.toCallback(browser.newTab()));
  for (const callback of callbacks.reverse())
    expect(outcomeOf(await world.open(browser.newTab(), callback))).toBeNull();
  expect(world.acme.tokenCalls.map(({ refusal }) => refusal)).toEqual(Array(5).fill(undefined));
  expect(await world.statuses(browser)).toMatchObject({ acme: 'connected' });
});

test('thirty started tabs do not outgrow a header, and the newest can be finished', async () => {
  const browser = world.newBrowser();
  let callback = browser.base;
  for (let tab = 0; tab < 30; tab++) callback = await world.toCallback(browser);
  expect(browser.cookieHeader()?.length).toBeLessThan(4096);
  expect(outcomeOf(await world.open(browser, callback))).toBeNull();
});

describe('a provider that does not send the state back', () => {
  const withoutState = async (browser: Browser) => {
    const callback = await world.toCallback(browser, 'silent');
    callback.searchParams.delete('state');
    return callback;
  };

  test('is connected without it', async () => {
    const browser = world.newBrowser();
    expect(outcomeOf(await world.open(browser, await withoutState(browser)))).toBeNull();
    expect(await world.statuses(browser)).toMatchObject({ silent: 'connected' });
  });

  test('is not connected in a browser that did not start it', async () => {
    const callback = await withoutState(world.newBrowser());
    const answer = await world.open(world.newBrowser(), callback, { accept: 'application/json' });
    expect([answer.status, codeOf(answer), world.exchanges()]).toEqual([400, 'state_unknown', 0]);
  });

  test('and does after all must send the right one', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser, 'silent');
    const wrong = new URL(callback);
    wrong.searchParams.set('state', 'wrong');
    expect([(await world.open(browser, wrong)).status, world.exchanges()]).toEqual([400, 0]);
    wrong.searchParams.set('state', '');
    expect([(await world.open(browser, wrong)).status, world.exchanges()]).toEqual([400, 0]);
    expect(outcomeOf(await world.open(browser, callback))).toBeNull();
  });

  test('has the newest tab win: older ones are refused, and their codes go nowhere', async () => {
    const browser = world.newBrowser();
    const callbacks = [];
    for (let tab = 0; tab < 3; tab++) callbacks.push(await withoutState(browser.newTab()));
    const newest = callbacks.pop() ?? browser.base;
    expect(outcomeOf(await world.open(browser, newest))).toBeNull();
    for (const older of callbacks) expect((await world.open(browser, older)).status).toBe(400);
    expect(world.acme.tokenCalls).toHaveLength(1);
    expect((await world.open(browser, newest)).status).toBe(303);
    expect(await world.statuses(browser)).toMatchObject({ silent: 'connected' });
  });

  test('and does after all: an older tab is refused before the newest comes back', async () => {
    const browser = world.newBrowser();
    const older = await world.toCallback(browser, 'silent');
    const newest = await world.toCallback(browser, 'silent');
    expect([(await world.open(browser, older)).status, world.exchanges()]).toEqual([400, 0]);
    expect(outcomeOf(await world.open(browser, newest))).toBeNull();
  });
});
