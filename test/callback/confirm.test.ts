import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { eventually } from '../world/redis.js';
import type { Answer } from '../world/answer.js';
import { codeOf, connectionOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import { withoutId } from '../world/without-id.js';

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({
    books: { confirm: 'always' },
    files: {
      long: {
        extends: 'generic-oidc',
        issuer: '$base',
        account: { source: 'userinfo', subject: 'email', label: ['email'] },
        api: { base_url: '$base' },
      },
    },
  });
});
afterAll(() => world.close());
beforeEach(() => {
  world.reset();
  Object.assign(world.acme.person, { sub: 'person-1', email: 'jo@example.test' });
});

/** Connected as one person, and back from the provider as another. */
const asAnother = async () => {
  const browser = world.newBrowser();
  await world.connect(browser);
  Object.assign(world.acme.person, { sub: 'person-2', email: 'kim@example.test' });
  const answer = await world.connect(browser, 'acme', { return_to: '/app' });
  return { browser, answer };
};
const declined = () =>
  world.app.lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'connection.declined');
const page = (provider = 'acme') => `/connect/${provider}/confirm`;

describe('a reconnect with another account', () => {
  test('asks first, names both, and leaves the old connection in use meanwhile', async () => {
    const { browser, answer } = await asAnother();
    expect([answer.status, answer.headers.location]).toEqual([303, `${world.app.url}${page()}#`]);
    const asked = await browser.navigate(page());
    expect(asked.text).toContain('kim@example.test');
    expect(asked.text).toContain('jo@example.test');
    expect((await connectionOf(browser)).account.subject).toBe('person-1');
    const { json } = await browser.api.get('/proxy/acme/userinfo');
    expect(json).toMatchObject({ sub: 'person-1' });
  });

  test('is named and answered in JSON, too, and so are the failures', async () => {
    const { browser } = await asAnother();
    const json = { accept: 'application/json' };
    const asked = await browser.get(page(), json);
    expect([asked.status, asked.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(asked.json).toEqual({
      provider: 'acme',
      connection: (await connectionOf(browser)).id,
      account: { subject: 'person-2', label: 'kim@example.test' },
      replaces: { subject: 'person-1', label: 'jo@example.test' },
      waits: expect.stringMatching(/^[\w-]{22}$/),
    });
    const decide = (body: Record<string, string>, headers: Record<string, string> = { 'x-csrf': '1' }) =>
      browser.post(page(), { ...json, json: body, headers });
    const problem = (answer: Answer) => [answer.status, codeOf(answer), answer.headers['content-type']];
    const type = 'application/problem+json; charset=utf-8';
    expect(problem(await decide({}, {}))).toEqual([403, 'csrf_required', type]);
    expect(problem(await decide({ decision: 'perhaps' }))).toEqual([400, 'invalid_request', type]);
    expect(problem(await decide({ waits: 'another' }))).toEqual([400, 'state_unknown', type]);
    expect((await decide({ waits: (asked.json as { waits: string }).waits })).status).toBe(303);
    expect(problem(await browser.get(page(), json))).toEqual([400, 'state_unknown', type]);
    expect(problem(await decide({}))).toEqual([400, 'state_unknown', type]);
  });

  test('replaces the old one once it is confirmed', async () => {
    const { browser } = await asAnother();
    const answer = await browser.submit(await browser.navigate(page()), { which: page(), button: 'decision=confirm' });
    expect([answer.status, withoutId(answer.headers.location)]).toEqual([303, `${world.app.url}/app?connected=acme`]);
    expect(await connectionOf(browser)).toMatchObject({ status: 'connected', account: { subject: 'person-2' } });
    expect((await browser.api.get('/proxy/acme/userinfo')).json).toMatchObject({ sub: 'person-2' });
    // Its own grant goes on, and the one of the account that was replaced has ended.
    expect(world.acme.revocations).toHaveLength(1);
  });

  test('asks, too, where two long subjects agree in their first 255 characters', async () => {
    const browser = world.newBrowser();
    const as = (last: string) => Object.assign(world.acme.person, { email: `${'x'.repeat(255)}${last}@example.test` });
    as('1');
    await world.connect(browser, 'long');
    as('2');
    expect((await world.connect(browser, 'long')).location?.pathname).toBe(page('long'));
    as('1');
    expect((await world.connect(browser, 'long')).location?.pathname).toBe('/');
  });

  test('keeps the old one when it is cancelled, and gives the new tokens back', async () => {
    const { browser } = await asAnother();
    const answer = await browser.submit(await browser.navigate(page()), { which: page(), button: 'decision=cancel' });
    expect(outcomeOf(answer)).toBe('access_denied');
    expect(await connectionOf(browser)).toMatchObject({ status: 'connected', account: { subject: 'person-1' } });
    expect((await browser.api.get('/proxy/acme/userinfo')).json).toMatchObject({ sub: 'person-1' });
    expect(world.acme.revocations).toHaveLength(1);
    expect((await browser.navigate(page())).status).toBe(400);
  });

  test.each([
    ['cancelled', (browser: Browser) => browser.api.post(page(), { json: { decision: 'cancel' } })],
    ['replaced', (browser: Browser) => world.connect(browser)],
  ])('leaves a line in the audit trail when it is %s', async (outcome, act) => {
    const { browser } = await asAnother();
    world.app.lines.length = 0;
    await act(browser);
    await eventually(() => Promise.resolve(declined().length > 0));
    expect(declined()).toEqual([
      expect.objectContaining({ audit: true, provider: 'acme', outcome, revocation: 'revoked' }),
    ]);
    expect(declined()[0]).toMatchObject({
      session: expect.stringMatching(/^[\w-]{16}$/),
      request_id: expect.stringMatching(/./),
    });
  });

  test('keeps the old one when nobody answers', async () => {
    const { browser } = await asAnother();
    world.app.forward(601);
    expect((await browser.api.get('/proxy/acme/userinfo')).json).toMatchObject({ sub: 'person-1' });
  });

  test('is answered once', async () => {
    const { browser } = await asAnother();
    const asked = await browser.navigate(page());
    const answers = await Promise.all(
      ['confirm', 'cancel'].map((decision) =>
        browser.newTab().submit(asked, { which: page(), button: `decision=${decision}` }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400]);
  });

  test('is nothing to another browser, to a page without proof, or to another decision', async () => {
    const { browser } = await asAnother();
    const stranger = await world.newBrowser().api.post(page(), { json: { decision: 'confirm' } });
    expect([stranger.status, codeOf(stranger)]).toEqual([400, 'state_unknown']);
    expect((await browser.post(page(), { form: { decision: 'confirm' } })).status).toBe(403);
    expect((await browser.api.post(page(), { json: { decision: 'perhaps' } })).status).toBe(400);
    expect((await connectionOf(browser)).account.subject).toBe('person-1');
  });

  test('ends with a logout', async () => {
    const { browser } = await asAnother();
    const asked = await browser.navigate(page());
    await browser.api.post('/logout');
    expect((await browser.submit(asked, { which: page(), button: 'decision=confirm' })).status).toBe(403);
    expect((await browser.api.post(page(), { json: { decision: 'confirm' } })).status).toBe(400);
    expect(await world.statuses(browser)).toMatchObject({ acme: 'not_connected' });
  });
});

test('a reconnect with the same account asks nothing', async () => {
  const browser = world.newBrowser();
  await world.connect(browser);
  const answer = await world.connect(browser);
  expect(answer.location?.searchParams.get('connected')).toBe('acme');
});

describe('a provider whose account is always confirmed', () => {
  test('is connected only then', async () => {
    const browser = world.newBrowser();
    const answer = await world.connect(browser, 'books');
    expect(answer.headers.location).toBe(`${world.app.url}${page('books')}#`);
    expect(await world.statuses(browser)).toMatchObject({ books: 'confirmation_required' });
    const refused = await browser.api.get('/proxy/books/userinfo');
    expect([refused.status, codeOf(refused)]).toEqual([409, 'confirmation_required']);
    await browser.submit(await browser.navigate(page('books')), { which: page('books') });
    expect(await world.statuses(browser)).toMatchObject({ books: 'connected' });
  });

  test('is asked about again on a reload of the callback, and not stored by it', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser, 'books');
    await world.open(browser, callback);
    expect((await world.open(browser, callback)).headers.location).toBe(`${world.app.url}${page('books')}#`);
    expect(await world.statuses(browser)).toMatchObject({ books: 'confirmation_required' });
  });

  test('cannot be confirmed by a start or a page that another person prepared', async () => {
    const attacker = world.newBrowser();
    await world.connect(attacker, 'books');
    const asked = await attacker.navigate(page('books'));
    const victim = world.newBrowser();
    await world.connect(victim, 'acme');
    await victim.navigate('/');
    expect((await victim.submit(asked, { which: page('books') })).status).toBe(403);
    expect(await world.statuses(victim)).toMatchObject({ books: 'not_connected' });
  });
});
