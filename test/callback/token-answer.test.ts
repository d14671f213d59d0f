import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connectionOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import { listen, type Listening } from '../world/listen.js';
import {
  deadGrantAnswers,
  misconfiguredAnswers,
  redirectedTo,
  slowTokenFaults,
  transientTokenFaults,
  unusableTokenAnswers,
  usableTokenAnswers,
} from '../world/misbehaving/token-bends.js';
import type { TokenBend } from '../world/misbehaving/token-answer.js';

let world: ConnectWorld;
let elsewhere: Listening;
let reached = 0;

beforeAll(async () => {
  world = await startConnectWorld({ acme: { token: { default_lifetime: 1234 } } });
  elsewhere = await listen((_req, res) => {
    reached += 1;
    res.end('{"access_token":"at_stolen","token_type":"Bearer"}');
  });
});
afterAll(() => Promise.all([world.close(), elsewhere.close()]));
beforeEach(() => world.reset());

const connectWith = async (bend: TokenBend) => {
  const browser = world.newBrowser();
  world.acme.bend.token = bend;
  const answer = await world.connect(browser);
  expect(answer.status).toBe(303);
  return { browser, outcome: outcomeOf(answer) };
};

/** One exchange, whatever came of it, and nothing connected. */
const refusedWith = async (bend: TokenBend, codes: string[]) => {
  const { browser, outcome } = await connectWith(bend);
  expect(codes).toContain(outcome);
  expect(world.exchanges()).toBe(1);
  expect(browser.cookies()).toEqual([]);
  expect(await world.statuses(browser)).toMatchObject({ acme: 'not_connected' });
};

describe('a token answer', () => {
  test.each(Object.entries(unusableTokenAnswers))('where %s is unusable', async (_name, bend) => {
    await refusedWith(bend, ['token_response_invalid']);
  });

  test.each(Object.entries(transientTokenFaults))('that is %s is not believed', async (name, bend) => {
    const code = /status|cut|HTML page with|error member/.test(name)
      ? 'token_endpoint_unavailable'
      : 'token_response_invalid';
    await refusedWith(bend, [name === 'an HTML page with 200' ? 'token_response_invalid' : code]);
  });

  test.each(Object.entries(deadGrantAnswers))('that is %s connects nothing', async (name, bend) => {
    const isUnknown = name === 'a 400 without a known code';
    await refusedWith(bend, [isUnknown ? 'provider_misconfigured' : 'code_exchange_rejected']);
  });

  test.each(Object.entries(misconfiguredAnswers))('that is %s is the operator’s business', async (_name, bend) => {
    const before = world.app.lines.length;
    await refusedWith(bend, ['provider_misconfigured']);
    const logged = world.app.lines.slice(before).join('\n');
    expect(logged).toContain('provider_misconfigured');
    expect(logged).not.toContain(world.acme.options.clientSecret);
  });

  test('that is slow or never ends is given up, all of them at the same time', async () => {
    for (const bend of Object.values(slowTokenFaults)) {
      const browser = world.newBrowser();
      const callback = await world.toCallback(browser);
      world.acme.bend.token = bend;
      pending.push(world.open(browser, callback).then(outcomeOf));
      while (world.exchanges() < pending.length) await new Promise(setImmediate);
    }
    expect(await Promise.all(pending)).toEqual(pending.map(() => 'token_endpoint_unavailable'));
  }, 20_000);
  const pending: Promise<string | null>[] = [];

  test.each([301, 302, 303, 307, 308])('that redirects with %i is not followed', async (status) => {
    await refusedWith(redirectedTo(`${elsewhere.origin}/token`, status), ['token_endpoint_unavailable']);
    expect(reached).toBe(0);
  });

  test('with a verifier that the server does not accept ends it: there is no second try', async () => {
    const browser = world.newBrowser();
    const request = await world.start(browser);
    request.searchParams.set('code_challenge', 'x'.repeat(43));
    expect(outcomeOf(await world.open(browser, await world.authorize(request)))).toBe('code_exchange_rejected');
    expect(world.exchanges()).toBe(1);
  });

  test('has its code from the redirect URI that was registered, and nothing but what the grant asks for', async () => {
    await connectWith({});
    const call = world.acme.tokenCalls[0];
    expect([...(call?.parameters.keys() ?? [])].sort()).toEqual(
      ['client_id', 'client_secret', 'code', 'code_verifier', 'grant_type', 'redirect_uri'].sort(),
    );
    expect(call?.parameters.get('redirect_uri')).toBe(`${world.app.url}/connect/acme/callback`);
  });
});

describe('an odd but usable token answer', () => {
  const lifetimes: Record<string, [expiresIn: number, source: string]> = {
    'expires_in is missing': [1234, 'default'],
    'expires_in is null': [1234, 'default'],
    // The session ends before the token does.
    'expires_in is absurd (1e15)': [604_800, 'session_idle'],
  };

  test.each(Object.entries(usableTokenAnswers))('where %s is used', async (name, bend) => {
    const { browser, outcome } = await connectWith(bend);
    expect(outcome).toBeNull();
    const { access, scopes } = await connectionOf(browser);
    const [expiresIn, source] = lifetimes[name] ?? [3600, 'expires_in'];
    expect(access?.source).toBe(source);
    expect(access?.expires_in).toBeGreaterThan(expiresIn - 10);
    expect(access?.expires_in).toBeLessThanOrEqual(expiresIn);
    expect(access?.refreshable).toBe(!name.startsWith('refresh_token'));
    const offline = name.startsWith('refresh_token') ? [] : ['offline_access'];
    expect(scopes?.granted).toEqual(['openid', 'profile', 'email', ...offline]);
    expect((await browser.api.get('/proxy/acme/userinfo')).status).toBe(200);
  });

  test('that leaves out scopes for claims misses none of them while there is an ID token', async () => {
    const { browser } = await connectWith({ body: { scope: 'openid email' } });
    expect(await connectionOf(browser)).toMatchObject({
      status: 'connected',
      scopes: { granted: ['openid', 'email'], missing: [] },
    });
  });
});
