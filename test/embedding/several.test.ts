import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { nextTold, startEmbeddingWorld, told, type EmbeddingWorld } from './world.js';

/* A front end with several connections of one provider: each function and each button means one of them. */

let it: EmbeddingWorld;
beforeAll(async () => {
  it = await startEmbeddingWorld();
});
afterAll(() => it.close());
beforeEach(async () => {
  await it.chromium.context.clearCookies();
  it.complaints.length = 0;
  as('one');
});

const as = (name: string) => Object.assign(it.world.server.person, { sub: name, email: `${name}@example.test` });

/** Connects in a window as this person; answers the connection's id. */
async function connect(page: Page, name: string, options: object = { add: true }): Promise<string> {
  as(name);
  const wish = JSON.stringify({ popup: true, ...options });
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(`globalThis.ended = gatehouse.connect('acme', ${wish}); undefined`),
  ]);
  await Promise.all([popup.waitForEvent('close'), popup.click('#allow')]);
  return page.evaluate<string>('ended.then(({ id }) => id)');
}
const two = async (page: Page) => [await connect(page, 'one'), await connect(page, 'two')] as const;
const labels = (page: Page) =>
  page.evaluate<string[]>('gatehouse.session().then(({ connections }) => connections.map(({ label }) => label))');
/** What the promise of this code ends with, or the code of its error. */
const ends = (page: Page, code: string) => page.evaluate(`(${code}).catch((error) => [error.code, error.connections])`);
/** The name of a button, as a person reads it. */
const nameOf = (page: Page, selector: string) => page.locator(selector).getByRole('button').textContent();

test('connect adds and reconnects, fetch calls, rename names and disconnect ends the one that is meant', async () => {
  const page = await it.open();
  const [first, second] = await two(page);
  expect(new Set([first, second]).size).toBe(2);
  expect(await connect(page, 'two', { connection: second })).toBe(second);

  const choices = [
    { id: first, label: 'one@example.test', account: { subject: 'one', label: 'one@example.test' } },
    { id: second, label: 'two@example.test', account: { subject: 'two', label: 'two@example.test' } },
  ];
  for (const code of ["gatehouse.fetch('acme', '/x')", "gatehouse.disconnect('acme')", "gatehouse.rename('acme', 'x')"])
    expect(await ends(page, code)).toEqual(['connection_ambiguous', choices]);
  expect(await ends(page, `gatehouse.fetch('${second}', '/x').then(({ status }) => status)`)).toBe(200);
  expect(await ends(page, `gatehouse.rename('${second}', 'Fjord').then(({ label }) => label)`)).toBe('Fjord');
  expect(await labels(page)).toEqual(['one@example.test', 'Fjord']);

  const end = `gatehouse.disconnect('${second}')`;
  expect(await ends(page, end)).toEqual({ provider: 'acme', revocation: 'revoked' });
  expect(await ends(page, end)).toEqual({ provider: '', revocation: 'not_connected' });
  expect(await ends(page, `gatehouse.fetch('${second}', '/x')`)).toEqual(['unknown_connection', []]);
  expect(await ends(page, "gatehouse.fetch('acme', '/x').then(({ status }) => status)")).toBe(200);
});

test('listeners are told of a name that has changed', async () => {
  const page = await it.open();
  const [first] = await two(page);
  await page.evaluate('globalThis.heard = new Promise((done) => gatehouse.onChange(done)); undefined');
  await page.evaluate(`gatehouse.rename('${first}', 'Fjord')`);
  expect(await page.evaluate('heard.then(({ connections: [{ label }] }) => label)')).toBe('Fjord');
});

test('a key that is neither leads to no address', async () => {
  const page = await it.open();
  for (const key of ['../session', 'con_', 'con_000000000000000000000/', 'con_0000000000000000000000/x', ''])
    expect(await ends(page, `gatehouse.fetch(${JSON.stringify(key)}, '/x')`)).toEqual(['unknown_provider', []]);
});

test('a button that adds can be pressed again and again, and tells the connection that was made', async () => {
  const page = await it.open('<connect-button provider="acme" add popup>Another company</connect-button>');
  for (const [index, name] of ['one', 'two'].entries()) {
    as(name);
    await page.locator('connect-button[state=ready]').waitFor();
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('connect-button').click()]);
    await Promise.all([popup.waitForEvent('close'), popup.click('#allow')]);
    await page.evaluate(`new Promise((done) => {
      const look = () => told.length === ${index + 1} && done();
      document.addEventListener('connected', look);
      look();
    })`);
  }
  expect(await told(page)).toEqual([
    ['connected', 'connected'],
    ['connected', 'connected'],
  ]);
  expect(await labels(page)).toEqual(['one@example.test', 'two@example.test']);
  expect(it.complaints).toEqual([]);
});

test('a button with a connection names that one and disconnects it alone', async () => {
  const before = await it.open();
  const [first, second] = await two(before);
  const page = await it.open(
    [first, second]
      .map((id) => `<connect-button provider="acme" connection="${id}" disconnect></connect-button>`)
      .join(),
  );
  const button = (id: string) => `connect-button[connection=${id}]`;
  await page.locator(`${button(second)}[state=done]`).waitFor();
  expect(await nameOf(page, button(second))).toBe('Disconnect Acme Books (two@example.test)');
  await page.locator(button(second)).click();
  expect(await nextTold(page, 'disconnected')).toEqual(['disconnected', 'revoked']);
  await page.locator(`${button(second)}[status=unknown]`).waitFor();
  await page.locator(`${button(first)}[status=connected]`).waitFor();
  expect(await labels(page)).toEqual(['one@example.test']);
});

test('a button for a provider with several does nothing while all are well, and repairs the one that is not', async () => {
  const before = await it.open();
  const [, second] = await two(before);
  const page = await it.open('<connect-button provider="acme" popup disconnect></connect-button>');
  await page.locator('connect-button[state=done]').waitFor();
  expect(await nameOf(page, 'connect-button')).toBe('Connected to Acme Books');
  expect(await page.locator('connect-button').getByRole('button').getAttribute('aria-disabled')).toBe('true');

  it.world.server.grants.endAll();
  await ends(page, `gatehouse.fetch('${second}', '/x')`);
  await page.locator('connect-button[status=reauth_required]').waitFor();
  expect(await nameOf(page, 'connect-button')).toBe('Reconnect Acme Books (two@example.test)');
  as('two');
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('connect-button').click()]);
  await Promise.all([popup.waitForEvent('close'), popup.click('#allow')]);
  expect(await nextTold(page, 'connected')).toEqual(['connected', 'connected']);
  expect(await labels(page)).toEqual(['one@example.test', 'two@example.test']);
});

test('after a redirect the button that was pressed tells the connection, and the outcome names it', async () => {
  const before = await it.open();
  const first = await connect(before, 'one');
  const page = await it.open(
    `<connect-button provider="acme" connection="${first}"></connect-button><connect-button provider="acme" add></connect-button>`,
    {
      script:
        "globalThis.by = []; document.addEventListener('connected', ({ target }) => by.push(target.hasAttribute('add')));",
    },
  );
  as('two');
  await page.locator('connect-button[add][state=ready]').click();
  await page.click('#allow');
  await page.waitForURL(/connected=acme/);
  await nextTold(page, 'connected');
  expect(await page.evaluate('by')).toEqual([true]);
  const made = new URL(page.url()).searchParams.get('connection');
  expect(made).not.toBe(first);
  expect(await page.evaluate('gatehouse.outcome()')).toMatchObject({ provider: 'acme', connection: made });
});
