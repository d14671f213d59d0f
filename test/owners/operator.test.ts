import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createFolder, type Folder } from '../command-line/run-command.js';
import type { Browser } from '../world/browser.js';
import { listed, sessionOf, startOwnersWorld, whoIs, type OwnersWorld } from './world.js';

/* What an operator sees of owners, and does to them. */

const freshKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const encryptionKeys = freshKey('k1');

let world: OwnersWorld;
let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
  world = await startOwnersWorld({
    env: { ENCRYPTION_KEYS: encryptionKeys, SESSION_SECRET: randomBytes(32).toString('hex') },
  });
});
afterAll(() => Promise.all([world.close(), folder.remove()]));
beforeEach(() => world.reset());

const operator = (args: string[], changes: Record<string, string> = {}) =>
  folder.run(args, { NODE_ENV: 'development', SANDBOX: 'off', ...world.env, ...changes });

const ownersOf = async (...args: string[]) => {
  const { json, code } = await operator(['owners', 'list', '--json', ...args]);
  expect(code).toBe(0);
  return (json as { owners: { name: string; issuer: string | null; connections: number; sessions: number }[] }).owners;
};

test('the list names the owners with their connections and sessions', async () => {
  const [desk, laptop, other] = [world.newBrowser(), world.newBrowser(), world.newBrowser()];
  await world.bind(desk, 'ann');
  await world.add(desk, 'ann-1');
  await world.add(desk, 'ann-2');
  await world.bind(laptop, 'ann');
  world.person('bo');
  await world.connect(other, 'acme');
  const all = await ownersOf();
  expect(all).toContainEqual({ name: 'ann', issuer: null, connections: 2, sessions: 2 });
  expect(all).toContainEqual({ name: 'person-bo', issuer: world.acme.issuer, connections: 1, sessions: 1 });
  expect(await ownersOf('--exact', 'ann')).toHaveLength(1);
  expect(await ownersOf('--exact', 'an')).toEqual([]);
  const { stdout } = await operator(['owners', 'list']);
  expect(stdout).toMatch(/^ann +- +2 +2$/m);
});

test('erasing ends the sessions, deletes and revokes everything, says so, and touches nobody else', async () => {
  const [browser, other] = [world.newBrowser(), world.newBrowser()];
  await world.bind(browser, 'cy');
  const id = await world.add(browser, 'cy');
  await world.bind(other, 'di');
  const kept = await world.add(other, 'di');
  const begun = await world.toCallback(browser, 'books', { as: 'new' });
  const erased = await operator(['owners', 'erase', 'cy']);
  expect([erased.code, erased.stdout]).toEqual([0, `Erased: 1 connections, 1 sessions.\nbooks ${id}: revoked.\n`]);
  expect(world.books.revocations).toHaveLength(1);
  expect(await sessionOf(browser)).toMatchObject({ active: false, owner: null });
  expect((await world.open(browser, begun)).status).toBe(400);
  expect(await whoIs(other, kept)).toBe('books-di');
  expect(await ownersOf('--exact', 'cy')).toEqual([]);
  const again = await operator(['owners', 'erase', 'cy']);
  expect([again.code, again.stderr]).toMatchObject([1, expect.stringContaining('There is no such owner.')]);
  await world.bind(browser, 'cy');
  expect(await listed(browser)).toEqual([]);
});

test('who signed in by a button is erased by subject and issuer, and a provider that does not revoke is told', async () => {
  const browser = world.newBrowser();
  world.person('ed');
  await world.connect(browser, 'acme');
  world.acme.bend.revocation = { reply: { status: 500 } };
  expect((await operator(['owners', 'erase', 'person-ed'])).code).toBe(1);
  expect(await sessionOf(browser)).toMatchObject({ active: true });
  const erased = await operator(['owners', 'erase', 'person-ed', '--issuer', world.acme.issuer]);
  expect([erased.code, erased.stdout]).toMatchObject([1, expect.stringContaining('the provider did not revoke')]);
  expect(await sessionOf(browser)).toMatchObject({ active: false });
});

test('an interrupted erasure is completed by another one', async () => {
  const browser = world.newBrowser();
  await world.bind(browser, 'flo');
  await world.add(browser, 'flo');
  // The sessions are gone, the records are not.
  await world.redis.cli('del', sessionKeyOf(browser));
  const erased = await operator(['owners', 'erase', 'flo']);
  expect([erased.code, erased.stdout]).toMatchObject([
    0,
    expect.stringContaining('Erased: 1 connections, 0 sessions.'),
  ]);
  expect(await ownersOf('--exact', 'flo')).toEqual([]);
});

test('sessions are listed and ended by the name of their owner, and the connections stay', async () => {
  const [desk, laptop] = [world.newBrowser(), world.newBrowser()];
  await world.bind(desk, 'gus');
  const id = await world.add(desk, 'gus');
  await world.bind(laptop, 'gus');
  const { json } = await operator(['sessions', 'list', '--owner', 'gus', '--json']);
  const { sessions } = json as { sessions: { owner: string }[] };
  expect(sessions.map(({ owner }) => owner)).toEqual(['gus', 'gus']);
  expect((await operator(['sessions', 'revoke', '--owner', 'gus'])).code).toBe(0);
  expect([(await sessionOf(desk)).active, (await sessionOf(laptop)).active]).toEqual([false, false]);
  await world.bind(desk, 'gus');
  expect(await whoIs(desk, id)).toBe('books-gus');
});

test('reseal encrypts what finds an owner again, and says which sessions an old key still holds', async () => {
  const browser = world.newBrowser();
  await world.bind(browser, 'hal');
  await world.add(browser, 'hal');
  const keys = { ENCRYPTION_KEYS: `${freshKey('k2')},${encryptionKeys}` };
  const resealed = await operator(['keys', 'reseal'], keys);
  expect(resealed.code).toBe(0);
  expect(resealed.stderr).toMatch(/k1 is still in use by \d+ sessions\. Without it these people sign in again/);
  const onlyNew = { ENCRYPTION_KEYS: keys.ENCRYPTION_KEYS.split(',')[0] ?? '' };
  const { json } = await operator(['owners', 'list', '--exact', 'hal', '--json'], onlyNew);
  expect((json as { owners: unknown[] }).owners).toMatchObject([{ name: 'hal', connections: 1 }]);
});

function sessionKeyOf(browser: Browser): string {
  const [, browserId = ''] = /^s(?:%3A|:)([\w-]{22})\./.exec(browser.cookie('gatehouse')?.value ?? '') ?? [];
  return `gh:{${browserId}}:session`;
}
