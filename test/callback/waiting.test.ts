import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../world/redis.js';
import { codeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import { withoutId } from '../world/without-id.js';

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({
    books: { confirm: 'always' },
    acme: { confirm: 'always', revocation: { token: 'refresh_token', ends: 'grant' } },
    env: { ALLOWED_ORIGINS: 'http://localhost:5000' },
  });
});
afterAll(() => world.close());
beforeEach(() => {
  world.reset();
  for (const { person } of [world.acme, world.books])
    Object.assign(person, { sub: 'person-1', email: 'jo@example.test' });
});

const page = '/connect/books/confirm';

test('a page confirms the account that it names, and not what another tab has brought since', async () => {
  const browser = world.newBrowser();
  await world.connect(browser, 'books');
  const named = await browser.navigate(page);
  expect(named.text).toContain('jo@example.test');
  Object.assign(world.books.person, { sub: 'person-2', email: 'kim@example.test' });
  await world.connect(browser, 'books');

  const answer = await browser.submit(named, { which: page, button: 'decision=confirm' });
  expect([answer.status, codeOf(await browser.api.get('/proxy/books/userinfo'))]).toEqual([
    400,
    'confirmation_required',
  ]);
  const again = await browser.submit(await browser.navigate(page), { which: page, button: 'decision=confirm' });
  expect(again.status).toBe(303);
  expect((await browser.api.get('/proxy/books/userinfo')).json).toMatchObject({ sub: 'person-2' });
});

test('a callback that is loaded again after the confirmation leads on, and not to an empty page', async () => {
  const browser = world.newBrowser();
  const callback = await world.toCallback(browser, 'books', { return_to: '/app' });
  expect((await world.open(browser, callback)).headers.location).toBe(`${world.app.url}${page}#`);
  expect((await world.open(browser, callback)).headers.location).toBe(`${world.app.url}${page}#`);
  await browser.submit(await browser.navigate(page), { which: page, button: 'decision=confirm' });
  const reloaded = await world.open(browser, callback);
  expect([reloaded.status, withoutId(reloaded.headers.location)]).toEqual([
    303,
    `${world.app.url}/app?connected=books#`,
  ]);
});

test('tokens that wait for a confirmation are given back by a disconnect and by a logout', async () => {
  for (const end of ['disconnect', 'logout'] as const) {
    const browser = world.newBrowser();
    await world.connect(browser, 'books');
    const before = world.books.revocations.length;
    const answer =
      end === 'logout' ? await browser.api.post('/logout') : await browser.api.delete('/api/connections/books');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"revocation":"revoked"');
    expect(world.books.revocations).toHaveLength(before + 1);
  }
});

test('tokens that wait for a confirmation are given back when another sign-in takes their place', async () => {
  const browser = world.newBrowser();
  await world.connect(browser, 'books');
  await world.connect(browser, 'books');
  await eventually(() => Promise.resolve(world.books.revocations.length === 1));
  const [given] = world.books.revocations;
  expect(world.books.grants.familyOf(given?.get('token') ?? '')?.dead).toBe(true);
  await browser.submit(await browser.navigate(page), { which: page, button: 'decision=confirm' });
  expect((await browser.api.get('/proxy/books/userinfo')).status).toBe(200);
});

test('they are left alone where giving them back would end the grant of the new ones', async () => {
  const browser = world.newBrowser();
  await world.connect(browser, 'acme');
  await world.connect(browser, 'acme');
  expect(world.acme.revocations).toHaveLength(0);

  // Nor those of another account: a connection of another session may live on its grant.
  Object.assign(world.acme.person, { sub: 'person-2', email: 'kim@example.test' });
  await world.connect(browser, 'acme');
  await eventually(() => Promise.resolve(world.app.lines.some((line) => line.includes('"revocation":"skipped"'))));
  expect(world.acme.revocations).toHaveLength(0);
});

test('a front end on an allowed origin can read why its call was refused', async () => {
  const origin = 'http://localhost:5000';
  const answer = await world.newBrowser().get('/proxy/acme/userinfo', { headers: { origin, 'x-csrf': '1' } });
  expect([answer.status, answer.headers['x-gatehouse-error']]).toEqual([401, 'login_required']);
  expect(answer.headers['access-control-allow-origin']).toBe(origin);
  expect(answer.headers['access-control-allow-credentials']).toBe('true');
  expect(answer.headers.vary).toContain('Origin');
});

test('organizations are nobody’s without a session, whether the provider has any or not', async () => {
  const visitor = world.newBrowser();
  expect((await visitor.api.get('/api/connections/acme/organizations')).status).toBe(401);
  expect((await visitor.api.put('/api/connections/acme/organization', { json: { id: null } })).status).toBe(401);
});
