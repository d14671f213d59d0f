import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { codeOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import type { Browser } from '../world/browser.js';
import { refused } from '../world/misbehaving/authorization-response.js';
import type { TokenBend } from '../world/misbehaving/token-answer.js';
import { withoutId } from '../world/without-id.js';

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

/** A token endpoint that answers when it is told to. */
const heldBack = (bend: TokenBend = {}) => {
  let answer: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => (answer = resolve));
  world.acme.bend.token = { ...bend, wait };
  return { answer };
};
const untilExchanged = async () => {
  while (world.exchanges() === 0) await new Promise(setImmediate);
};
const untilLogged = async (event: string, from: number) => {
  while (!world.app.lines.slice(from).some((line) => line.includes(event))) await new Promise(setImmediate);
};

/** The browser opens the callback and goes away while the code is exchanged. */
const abandon = async (browser: Browser, callback: URL) => {
  const { answer } = heldBack();
  const from = world.app.lines.length;
  const left = request(callback, { headers: { cookie: browser.cookieHeader() ?? '' }, agent: false });
  left.on('error', () => undefined).end();
  await untilExchanged();
  left.destroy();
  return { answer, stored: () => untilLogged('connection.stored', from) };
};

describe('the same callback again', () => {
  test('in the same browser within ten minutes leads to the same place; the code is spent once', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser, 'acme', { return_to: '/app' });
    const first = await world.open(browser, callback);
    for (const accept of ['text/html', 'application/json']) {
      const again = await world.open(browser, callback, { accept });
      expect([again.status, again.location?.href]).toEqual([303, first.location?.href]);
    }
    expect(world.exchanges()).toBe(1);
    expect(await world.statuses(browser)).toMatchObject({ acme: 'connected' });
  });

  test.each([601, 1201, 7200])('%i seconds later leads home, with what is true', async (seconds) => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser, 'acme', { return_to: '/app' });
    await world.open(browser, callback);
    world.app.forward(seconds);
    const answer = await world.open(browser, callback);
    expect([answer.status, withoutId(answer.headers.location)]).toEqual([303, `${world.app.url}/?connected=acme#`]);
    await browser.api.delete('/api/connections/acme');
    const gone = await world.open(browser, callback, { accept: 'application/json' });
    expect([gone.status, gone.location?.pathname, outcomeOf(gone)]).toEqual([303, '/', 'state_unknown']);
    expect(world.exchanges()).toBe(1);
  });

  test('later than ten minutes with another state, or of another browser, is refused', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    await world.open(browser, callback);
    world.app.forward(1201);
    const foreign = await world.toCallback(world.newBrowser());
    expect((await world.open(browser, foreign)).status).toBe(400);
    expect((await world.open(world.newBrowser(), callback)).status).toBe(400);
    callback.searchParams.set('state', 'made-up');
    expect((await world.open(browser, callback)).status).toBe(400);
    expect(world.exchanges()).toBe(1);
  });

  test('after a refusal leads home, where the connection stands that it was to replace', async () => {
    const browser = world.newBrowser();
    await world.connect(browser);
    world.acme.bend.authorization = refused();
    const callback = await world.toCallback(browser, 'acme', { return_to: '/app' });
    expect(outcomeOf(await world.open(browser, callback))).toBe('access_denied');
    for (const seconds of [0, 601, 86_400]) {
      world.app.forward(seconds);
      const again = await world.open(browser, callback);
      expect([again.status, withoutId(again.headers.location)]).toEqual([303, `${world.app.url}/?connected=acme#`]);
    }
  });

  test('after a refusal in a session that lacks the connection leads home with a reason', async () => {
    const browser = world.newBrowser();
    await world.connect(browser, 'books');
    world.acme.bend.authorization = refused();
    const callback = await world.toCallback(browser);
    await world.open(browser, callback);
    const again = await world.open(browser, callback);
    expect([again.status, again.location?.pathname, outcomeOf(again)]).toEqual([303, '/', 'state_unknown']);
  });

  test('after a logout is refused: nothing of it is known any longer', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    await world.open(browser, callback);
    await browser.api.post('/logout');
    expect((await world.open(browser, callback)).status).toBe(400);
  });

  test('in another browser is refused', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    await world.open(browser, callback);
    const other = world.newBrowser();
    const answer = await world.open(other, callback, { accept: 'application/json' });
    expect([answer.status, codeOf(answer), other.cookies()]).toEqual([400, 'state_unknown', []]);
    expect(world.exchanges()).toBe(1);
  });

  test('while the first is at work waits for it; the code is spent once', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    const { answer } = heldBack();
    const first = world.open(browser, callback);
    await untilExchanged();
    const second = world.open(browser, callback);
    answer();
    const answers = await Promise.all([first, second]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(answers.map(outcomeOf)).toEqual([null, null]);
    expect(world.exchanges()).toBe(1);
    expect(await world.statuses(browser)).toMatchObject({ acme: 'connected' });
  });

  test('with another code is no reload: that code goes nowhere', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    await world.open(browser, callback);
    const other = new URL(callback);
    other.searchParams.set('code', 'injected');
    const answer = await world.open(browser, other, { accept: 'application/json' });
    expect([answer.status, world.exchanges()]).toEqual([400, 1]);
  });

  test('after a failure is refused where there is no session, also while the failure is under way', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    const { answer } = heldBack({ reply: { status: 500 } });
    const first = world.open(browser, callback);
    await untilExchanged();
    const second = world.open(browser, callback, { accept: 'application/json' });
    answer();
    expect(outcomeOf(await first)).toBe('token_endpoint_unavailable');
    expect((await second).status).toBe(400);
    expect((await world.open(browser, callback)).status).toBe(400);
    expect(world.exchanges()).toBe(1);
  });
});

describe('a browser that goes away during the exchange', () => {
  test('and comes back with the same callback has its connection', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    const { answer, stored } = await abandon(browser, callback);
    const again = world.open(browser, callback);
    answer();
    await stored();
    expect((await again).location?.searchParams.get('connected')).toBe('acme');
    expect(await world.statuses(browser)).toMatchObject({ acme: 'connected' });
    expect(world.exchanges()).toBe(1);
  });

  test('and comes back keeps what its session held before', async () => {
    const browser = world.newBrowser();
    await world.connect(browser, 'books');
    world.reset();
    const callback = await world.toCallback(browser);
    const { answer, stored } = await abandon(browser, callback);
    answer();
    await stored();
    expect((await world.open(browser, callback)).status).toBe(303);
    expect(await world.statuses(browser)).toEqual({ acme: 'connected', books: 'connected' });
  });

  test('and comes back later gets its session once: no second browser does', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    const thief = world.newBrowser();
    for (const { name, value } of browser.cookies()) thief.setCookie(name, value);
    const { answer, stored } = await abandon(browser, callback);
    answer();
    await stored();
    const guessed = new URL(callback);
    guessed.searchParams.set('code', 'guessed');
    expect((await world.open(thief, guessed)).status).toBe(400);
    expect((await world.open(browser, callback)).status).toBe(303);
    expect(await world.statuses(browser)).toMatchObject({ acme: 'connected' });
    expect((await world.open(thief, callback)).status).toBe(303);
    expect(await world.statuses(browser)).toMatchObject({ acme: 'connected' });
  });
});

describe('an attempt', () => {
  test('that is older than ten minutes is refused with a way to start again, and its code goes nowhere', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    world.app.forward(601);
    const program = await world.open(browser, callback, { accept: 'application/json' });
    expect([program.status, codeOf(program), world.exchanges()]).toEqual([400, 'state_expired', 0]);
    expect(program.json).toMatchObject({ connect_url: `${world.app.url}/connect/acme` });
    expect((await world.open(browser, callback)).text).toContain('/connect/acme');
  });

  test('that is nine minutes old is not', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    world.app.forward(540);
    expect(outcomeOf(await world.open(browser, callback))).not.toBe('state_expired');
  });

  test('of one provider is nothing to another', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser, 'acme');
    const elsewhere = new URL(callback.href.replace('/connect/acme/', '/connect/books/'));
    expect((await world.open(browser, elsewhere)).status).toBe(400);
    expect(world.exchanges()).toBe(0);
    expect(outcomeOf(await world.open(browser, callback))).toBeNull();
  });

  test('of one provider whose cookie is given to another is nothing to it either', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser, 'acme');
    const [cookie] = browser.cookies();
    browser.setCookie(cookie?.name.replace('.acme.', '.books.') ?? '', cookie?.value ?? '');
    const elsewhere = new URL(callback.href.replace('/connect/acme/', '/connect/books/'));
    expect([(await world.open(browser, elsewhere)).status, world.exchanges()]).toEqual([400, 0]);
  });

  test('of an attacker, opened in another browser with the attacker’s code, is refused', async () => {
    const callback = await world.toCallback(world.newBrowser());
    const victim = world.newBrowser();
    expect((await world.open(victim, callback)).status).toBe(400);
    expect([victim.cookies(), world.exchanges()]).toEqual([[], 0]);
  });

  test('that the person refuses leaves the old connection usable', async () => {
    const browser = world.newBrowser();
    await world.connect(browser);
    world.acme.bend.authorization = refused();
    expect(outcomeOf(await world.connect(browser))).toBe('access_denied');
    expect(await world.statuses(browser)).toMatchObject({ acme: 'connected' });
    expect((await browser.api.get('/proxy/acme/userinfo')).status).toBe(200);
  });
});
