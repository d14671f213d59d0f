import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf } from '../connect/world.js';
import type { Answer } from '../world/answer.js';
import type { Browser } from '../world/browser.js';
import { listed, startOwnersWorld, whoIs, type OwnersWorld } from './world.js';

/*
 * A running product that changes to CONNECTIONS=owner: what was connected in a session before is kept by whom it belongs to,
 * and by nobody without being asked.
 */

let world: OwnersWorld;

const bySession = { CONNECTIONS: 'session', OWNER_SIGN_IN_URL: '', SIGN_IN_WITH: '' };
const byOwner = { CONNECTIONS: 'owner', SIGN_IN_WITH: 'acme' };

beforeEach(async () => {
  world = await startOwnersWorld({ env: bySession });
});
afterEach(() => world.close());

const connected = async (browser: Browser, name: string): Promise<string> => {
  Object.assign(world.books.person, { sub: `books-${name}`, email: `${name}@books.test` });
  return (await world.connect(browser, 'books', { as: 'new' })).location?.searchParams.get('connection') ?? '';
};

describe('a session that its application had bound', () => {
  test('gives what it connected to the same user, on every device, under the same id', async () => {
    const browser = world.newBrowser();
    await world.bind(browser, 'ann');
    const id = await connected(browser, 'ann');
    await world.restart(byOwner);
    expect(await whoIs(browser, id)).toBe('owner_required');
    await world.bind(browser, 'ann');
    expect(await whoIs(browser, id)).toBe('books-ann');
    const laptop = world.newBrowser();
    await world.bind(laptop, 'ann');
    expect((await listed(laptop)).map((each) => each.id)).toEqual([id]);
    expect(world.books.revocations).toHaveLength(0);
  });

  test('gives another user nothing', async () => {
    const browser = world.newBrowser();
    await world.bind(browser, 'ann');
    const id = await connected(browser, 'ann');
    await world.restart(byOwner);
    await world.bind(browser, 'bob');
    expect([await listed(browser), await whoIs(browser, id)]).toEqual([[], 'unknown_connection']);
  });
});

describe('a session without an owner', () => {
  const asked = async (): Promise<{ browser: Browser; first: string; second: string; page: Answer }> => {
    const browser = world.newBrowser();
    const first = await connected(browser, 'one');
    const second = await connected(browser, 'two');
    await world.restart(byOwner);
    world.person('kim');
    const back = await world.connect(browser, 'acme', { return_to: '/app' });
    expect(back.location?.pathname).toBe('/session/keep');
    return { browser, first, second, page: await browser.navigate(back.location ?? '') };
  };

  test('asks who signs in which of them to keep, keeps those and ends the rest', async () => {
    const { browser, first, second, page } = await asked();
    expect(page.text).toContain('one@books.test');
    expect(page.text).toContain('two@books.test');
    expect(await whoIs(browser, first)).toBe('unknown_connection');
    const answer = await browser.post('/session/keep', {
      headers: { 'x-csrf': '1' },
      form: new URLSearchParams([
        ['keep', first],
        ['return_to', '/app'],
      ]),
    });
    expect([answer.status, answer.location?.pathname]).toEqual([303, '/app']);
    expect(await whoIs(browser, first)).toBe('books-one');
    expect(await whoIs(browser, second)).toBe('unknown_connection');
    expect(world.books.revocations.length).toBeGreaterThan(0);
    const laptop = world.newBrowser();
    await world.connect(laptop, 'acme');
    expect(await whoIs(laptop, first)).toBe('books-one');
  });

  test('is asked nothing again, and a stranger is not asked about it', async () => {
    const { browser } = await asked();
    await browser.post('/session/keep', { headers: { 'x-csrf': '1' }, form: {} });
    expect((await browser.navigate('/session/keep?return_to=/app', { follow: false })).location?.pathname).toBe('/app');
    const visitor = world.newBrowser();
    expect(codeOf(await visitor.api.get('/session/keep'))).toBe('owner_required');
  });
});

test('going back to sessions loses nothing and reaches nothing', async () => {
  await world.restart(byOwner);
  const browser = world.newBrowser();
  await world.bind(browser, 'eva');
  const id = await connected(browser, 'eva');
  await world.restart(bySession);
  expect(await listed(browser)).toEqual([]);
  expect(await whoIs(browser, id)).toBe('unknown_connection');
  await world.restart(byOwner);
  expect(await whoIs(browser, id)).toBe('books-eva');
});
