import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { outcomeOf } from '../connect/world.js';
import { listed, startOwnersWorld, whoIs, type OwnersWorld } from './world.js';

/*
 * A sign-in spans two slots of the store, the browser's and the owner's, which no one step writes. What happens in between
 * leaves neither a connection that nobody asked for nor a grant that nobody knows.
 */

let world: OwnersWorld;

beforeAll(async () => {
  world = await startOwnersWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

/** A token endpoint that answers when it is told to. */
const heldBack = (grant: 'authorization_code' | 'refresh_token') => {
  let release: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => (release = resolve));
  world.books.bend.token = { on: grant, wait };
  const before = world.books.tokenCallsOf(grant);
  const asked = async () => {
    while (world.books.tokenCallsOf(grant) === before) await new Promise(setImmediate);
  };
  return { release: () => release(), asked };
};

/** A sign-in whose code is being exchanged; it goes on when `release` is called. */
const underWay = async (name: string) => {
  const browser = world.newBrowser();
  await world.bind(browser, name);
  Object.assign(world.books.person, { sub: `books-${name}`, email: `${name}@books.test` });
  const callback = await world.toCallback(browser, 'books');
  const { release, asked } = heldBack('authorization_code');
  const answer = world.open(browser, callback);
  await asked();
  return { browser, answer, release };
};

test('a logout during the exchange: nothing is stored for the owner', async () => {
  const { browser, answer, release } = await underWay('ann');
  await browser.api.post('/logout', { accept: 'application/json' });
  release();
  expect(outcomeOf(await answer)).toBe('state_unknown');
  const laptop = world.newBrowser();
  await world.bind(laptop, 'ann');
  expect(await listed(laptop)).toEqual([]);
});

test('another owner during the exchange: the connection is neither theirs nor the former one’s', async () => {
  const { browser, answer, release } = await underWay('bea');
  await world.bind(browser, 'cleo');
  release();
  expect(outcomeOf(await answer)).toBe('state_unknown');
  expect(await listed(browser)).toEqual([]);
  await world.bind(browser, 'bea');
  expect(await listed(browser)).toEqual([]);
});

test('two browsers of one owner that connect at the same moment leave both connections', async () => {
  const [desk, laptop] = [world.newBrowser(), world.newBrowser()];
  await world.bind(desk, 'dan');
  await world.bind(laptop, 'dan');
  const callbacks: URL[] = [];
  for (const [browser, name] of [
    [desk, 'one'],
    [laptop, 'two'],
  ] as const) {
    Object.assign(world.books.person, { sub: `books-${name}`, email: `${name}@books.test` });
    callbacks.push(await world.toCallback(browser, 'books', { as: 'new' }));
  }
  const [first, second] = callbacks;
  if (!first || !second) throw new Error('no callbacks');
  const answers = await Promise.all([world.open(desk, first), world.open(laptop, second)]);
  expect(answers.map(outcomeOf)).toEqual([null, null]);
  const all = await listed(desk);
  expect(all.map(({ account }) => account.subject).sort()).toEqual(['books-one', 'books-two']);
  for (const { id, account } of all) expect(await whoIs(laptop, id ?? '')).toBe(account.subject);
});

test('a disconnect in one browser during a refresh in another: the connection does not come back', async () => {
  const [desk, laptop] = [world.newBrowser(), world.newBrowser()];
  await world.bind(desk, 'eli');
  await world.bind(laptop, 'eli');
  const id = await world.add(desk, 'eli');
  const { release, asked } = heldBack('refresh_token');
  const refresh = laptop.api.post(`/api/connections/${id}/refresh`);
  await asked();
  await desk.api.delete(`/api/connections/${id}`);
  release();
  expect((await refresh).status).toBeGreaterThanOrEqual(400);
  expect([await listed(desk), await listed(laptop)]).toEqual([[], []]);
});
