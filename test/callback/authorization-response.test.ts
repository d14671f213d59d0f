import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { codeOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import {
  refused,
  refusedResponses,
  unknownResponses,
  type AuthorizationBend,
} from '../world/misbehaving/authorization-response.js';

let world: ConnectWorld;
const back = () => `${world.app.url}/app`;

beforeAll(async () => {
  world = await startConnectWorld({ server: { issParameter: true } });
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const started = async (bend: AuthorizationBend) => {
  const browser = world.newBrowser();
  world.acme.bend.authorization = bend;
  return { browser, callback: await world.toCallback(browser, 'acme', { return_to: '/app' }) };
};

describe('an answer that is known as nobody’s', () => {
  test.each(Object.entries(unknownResponses))(
    '%s: 400, no exchange, and the attempt can still be finished',
    async (_name, bend) => {
      const { browser, callback } = await started(bend);
      const page = await world.open(browser, callback);
      expect([page.status, page.setCookies]).toEqual([400, []]);
      const program = await world.open(browser, callback, { accept: 'application/json' });
      expect([program.status, world.exchanges()]).toEqual([400, 0]);

      delete world.acme.bend.authorization;
      const { state = '', ...rest } = Object.fromEntries(world.acme.authorizationRequests[0] ?? []);
      const right = await world.authorize(
        new URL(`${world.acme.base}/authorize?${new URLSearchParams({ ...rest, state }).toString()}`),
      );
      expect(outcomeOf(await world.open(browser, right))).toBeNull();
      expect(await world.statuses(browser)).toMatchObject({ acme: 'connected' });
    },
  );

  test('issuer comes twice: 400, no exchange', async () => {
    const { browser, callback } = await started({
      change: (parameters) => parameters.append('iss', parameters.get('iss') ?? ''),
    });
    const answer = await world.open(browser, callback, { accept: 'application/json' });
    expect([answer.status, codeOf(answer), world.exchanges()]).toEqual([400, 'invalid_request', 0]);
  });

  test('a parameter nobody knows comes twice: 400, no exchange', async () => {
    const { browser, callback } = await started({
      change: (parameters) => ['a', 'b'].forEach((value) => parameters.append('session_state', value)),
    });
    expect([(await world.open(browser, callback)).status, world.exchanges()]).toEqual([400, 0]);
  });

  test('a page that says so shows none of it and leads on to a new start', async () => {
    const { browser, callback } = await started({
      parameters: { state: 'wrong', error: 'access_denied', error_description: '<script>alert(1)</script>' },
    });
    const page = await world.open(browser, callback);
    expect(page.status).toBe(400);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect(page.headers['content-security-policy']).not.toContain('unsafe-inline');
    expect(page.text).toContain('/connect/acme');
    for (const secret of ['alert(1)', callback.searchParams.get('code') ?? '']) expect(page.text).not.toContain(secret);
  });

  test.each([
    ['code', 'a\u0000b'],
    ['code', 'a\r\nb'],
    ['code', 'a\u007fb'],
    ['code', 'ä'],
    ['state', 'a\u0001b'],
    ['error', 'access"denied'],
    ['error', 'access\\denied'],
    ['error', 'access\u0000denied'],
    ['error_description', 'quoted "text"'],
    ['error_description', 'a\u0000b'],
    ['iss', 'https://acme.test/\u0000'],
    ['iss', 'https://acme.test/ x'],
  ])(
    '%s that the protocol cannot write is refused before the exchange, and spends nothing: %j',
    async (name, value) => {
      const browser = world.newBrowser();
      const callback = await world.toCallback(browser);
      const strange = new URL(callback);
      strange.searchParams.set(name, value);
      const answer = await world.open(browser, strange, { accept: 'application/json' });
      expect([answer.status, codeOf(answer), world.exchanges()]).toEqual([400, 'invalid_request', 0]);
      expect(outcomeOf(await world.open(browser, callback))).toBeNull();
    },
  );

  test.each([
    ...[
      'user_cancelled_login',
      'user_cancelled_authorize',
      'user_denied',
      'consent_declined',
      'User-Cancelled',
      'cancelled',
    ],
  ])('%s is a refusal by the person', async (error) => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    callback.searchParams.delete('code');
    callback.searchParams.set('error', error);
    callback.searchParams.set('error_description', 'AADSTS65004: Avbrutt – av deg.\r\nTrace ID: 1');
    expect(outcomeOf(await world.open(browser, callback))).toBe('access_denied');
  });

  test('a file adds codes that are a refusal by the person', async () => {
    const own = await startConnectWorld({ acme: { authorization: { errors: { denied: ['E_1042'] } } } });
    for (const [provider, outcome] of [
      ['acme', 'access_denied'],
      ['books', 'provider_misconfigured'],
    ] as const) {
      const browser = own.newBrowser();
      const callback = await own.toCallback(browser, provider);
      callback.searchParams.delete('code');
      callback.searchParams.set('error', 'E_1042');
      expect(outcomeOf(await own.open(browser, callback))).toBe(outcome);
    }
    await own.close();
  });

  test('a form_post response is refused, and its body is of no use', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    const form = new URLSearchParams(callback.search);
    const answer = await browser.navigate(callback.pathname, { method: 'POST', form, from: world.acme.origin });
    expect([answer.status, answer.headers.allow, world.exchanges()]).toEqual([405, 'GET', 0]);
  });

  test('a HEAD of the callback spends nothing', async () => {
    const browser = world.newBrowser();
    const callback = await world.toCallback(browser);
    expect((await browser.request('HEAD', callback)).status).toBe(405);
    expect(outcomeOf(await world.open(browser, callback))).toBeNull();
  });
});

describe('an answer to a known attempt', () => {
  const codes: Record<string, string> = {
    'code is missing': 'invalid_request',
    'code is empty': 'invalid_request',
    'code and error come together': 'access_denied',
    'issuer is another one': 'issuer_mismatch',
    'issuer has a slash more': 'issuer_mismatch',
    'issuer is in capitals': 'issuer_mismatch',
    'issuer is empty': 'issuer_mismatch',
    'person refuses': 'access_denied',
    'server has an error': 'token_endpoint_unavailable',
    'error is one nobody knows': 'provider_misconfigured',
    'error description holds a script': 'access_denied',
    'error description breaks out of an attribute': 'access_denied',
    'error holds a script': 'provider_misconfigured',
  };

  test.each(Object.entries(refusedResponses))(
    '%s: the person is sent back with a code, whatever Accept says, and nothing is exchanged',
    async (name, bend) => {
      for (const accept of ['text/html', 'application/json', '*/*']) {
        const { browser, callback } = await started(bend);
        const answer = await world.open(browser, callback, { accept });
        expect(answer.status).toBe(303);
        expect(`${answer.location?.origin}${answer.location?.pathname}`).toBe(back());
        expect(Object.fromEntries(answer.location?.searchParams ?? [])).toEqual({
          connect_error: codes[name],
          request_id: answer.headers['x-request-id'],
        });
        expect((await world.open(browser, callback)).status).toBe(400);
        expect(browser.cookies()).toEqual([]);
      }
      expect(world.exchanges()).toBe(0);
    },
  );

  test('issuer is missing although it is promised: no exchange', async () => {
    const { browser, callback } = await started({ parameters: { iss: undefined } });
    expect([outcomeOf(await world.open(browser, callback)), world.exchanges()]).toEqual(['issuer_mismatch', 0]);
  });

  test('the other server sends the person back with the state it was told: its code goes nowhere', async () => {
    const browser = world.newBrowser();
    const request = await world.start(browser, 'acme');
    const mixedUp = new URL(`${world.books.base}/authorize${request.search}`);
    const answer = await world.open(browser, await world.authorize(mixedUp));
    expect([outcomeOf(answer), world.exchanges()]).toEqual(['issuer_mismatch', 0]);
  });

  test.each(['consent_required', 'interaction_required', 'login_required'])('%s is a refusal', async (error) => {
    const { browser, callback } = await started(refused(error));
    expect(outcomeOf(await world.open(browser, callback))).toBe('access_denied');
  });

  test.each(['invalid_scope', 'unauthorized_client', 'invalid_request'])('%s is the operator’s', async (error) => {
    const { browser, callback } = await started(refused(error));
    expect(outcomeOf(await world.open(browser, callback))).toBe('provider_misconfigured');
  });
});
