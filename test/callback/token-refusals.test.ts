import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connectionOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import { jsonReply } from '../world/reply.js';
import type { TokenBend, TokenCall } from '../world/misbehaving/token-answer.js';

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld();
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const form = (body: string, status = 200): TokenBend => ({
  reply: { status, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, body },
});
const refusalOf = async (bend: TokenBend) => {
  const before = world.app.lines.length;
  world.acme.bend.token = bend;
  const browser = world.newBrowser();
  const outcome = outcomeOf(await world.connect(browser));
  const line = world.app.lines.slice(before).find((each) => each.includes('connect.failed')) ?? '{}';
  return { outcome, page: line, fields: JSON.parse(line) as Record<string, string | undefined> };
};

describe('a form-encoded token response', () => {
  test('is read', async () => {
    world.acme.bend.token = form('access_token=at_form&token_type=bearer&expires_in=600');
    const browser = world.newBrowser();
    expect(outcomeOf(await world.connect(browser))).toBe('id_token_invalid');
  });

  test.each([
    ['of many pairs', (size: number) => Array.from({ length: size / 8 }, (_, at) => `n${at.toString(36)}=v`).join('&')],
    ['of one name', (size: number) => 'a=b&'.repeat(size / 4)],
    ['of separators', (size: number) => '&'.repeat(size)],
    ['of one pair', (size: number) => `pad=${'%41'.repeat(size / 3 - 2)}`],
  ])('of 500 KB %s costs no more than its length', async (_what, make) => {
    const timeOf = async (size: number) => {
      const began = performance.now();
      const { outcome } = await refusalOf(form(make(size)));
      expect(outcome).toBe('token_response_invalid');
      return performance.now() - began;
    };
    await timeOf(1_000);
    expect(await timeOf(500_000)).toBeLessThan(5_000);
  });
});

describe('a refusal at the exchange', () => {
  test.each<[string, TokenBend, string]>([
    [
      '415, since it wants JSON',
      { reply: jsonReply({ message: 'Content-Type must be application/json' }, 415) },
      'application/json',
    ],
    [
      '400, since it wants JSON',
      { reply: jsonReply({ error: 'invalid_request', error_description: 'body must be JSON' }, 400) },
      'body must be JSON',
    ],
    ['400 with a code of its own', { reply: jsonReply({ error: 'wrong_region' }, 400) }, 'wrong_region'],
    ['200 with a code of its own', { reply: jsonReply({ error: 'wrong_region' }) }, 'wrong_region'],
    [
      '400 with words alone',
      { reply: jsonReply({ message: 'This account lives in another region' }, 400) },
      'another region',
    ],
    [
      'an error that is an object',
      { reply: jsonReply({ error: { message: 'Wrong data center', code: 17 } }, 400) },
      'Wrong data center',
    ],
  ])('%s is not called an expired link, and the log says what the server said', async (_what, bend, words) => {
    const { outcome, fields } = await refusalOf(bend);
    expect(outcome).toBe('provider_misconfigured');
    expect(JSON.stringify(fields)).toContain(words);
    expect(fields['hint']).toEqual(expect.any(String));
  });

  test.each([200, 400])(
    'with %i and invalid_code is of the code, and the log says what else it may be',
    async (status) => {
      const { outcome, fields } = await refusalOf({ reply: jsonReply({ error: 'invalid_code' }, status) });
      expect(outcome).toBe('code_exchange_rejected');
      expect(fields['hint']).toContain('region');
    },
  );

  test.each([404, 405])('with %i names the endpoint', async (status) => {
    const { outcome, fields } = await refusalOf({ reply: { status } });
    expect(outcome).toBe('token_endpoint_unavailable');
    expect(fields['hint']).toContain('endpoints.token');
    expect(fields['error']).toContain(`http_${status}`);
  });

  test.each<[string, TokenBend, string]>([
    ['200', { reply: jsonReply({ error: 'invalid_grant' }) }, 'code_exchange_rejected'],
    ['500', { reply: jsonReply({ error: 'invalid_grant' }, 500) }, 'code_exchange_rejected'],
    ['404', { reply: jsonReply({ error: 'invalid_grant' }, 404) }, 'code_exchange_rejected'],
    ['200, invalid_client', { reply: jsonReply({ error: 'invalid_client' }) }, 'provider_misconfigured'],
    ['503, invalid_client', { reply: jsonReply({ error: 'invalid_client' }, 503) }, 'provider_misconfigured'],
    [
      '200, in a form',
      form('error=bad_verification_code&error_description=The+code+is+incorrect'),
      'code_exchange_rejected',
    ],
  ])('with a code of RFC 6749 is believed at %s', async (_status, bend, expected) => {
    expect((await refusalOf(bend)).outcome).toBe(expected);
  });
});

describe('what the server said', () => {
  const described = (say: (call: TokenCall) => string): TokenBend => ({
    reply: (call) => jsonReply({ error: 'invalid_grant', error_description: say(call) }, 400),
  });

  test('reaches the operator, and not the person', async () => {
    const { page, fields } = await refusalOf(
      described(() => 'AADSTS70008: The provided authorization code or refresh token has expired due to inactivity.'),
    );
    expect(fields['description']).toBe(
      'AADSTS70008: The provided authorization code or refresh token has expired due to inactivity.',
    );
    expect(page).toContain('connect.failed');
    const answer = await world.connect(world.newBrowser());
    expect(JSON.stringify(answer.headers) + answer.text).not.toContain('AADSTS');
  });

  test('holds nothing that was sent', async () => {
    const secrets: string[] = [];
    const { page } = await refusalOf(
      described(({ parameters }) => {
        secrets.push(...['code', 'client_secret', 'code_verifier'].flatMap((name) => parameters.getAll(name)));
        return `no: ${secrets.join(' and ')}; short: ${secrets.map((each) => `'${each}'`).join()}`;
      }),
    );
    expect(secrets).toHaveLength(3);
    for (const secret of secrets) expect(page).not.toContain(secret);
  });

  test.each([
    ['a JWT', 'bad eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl here', 'eyJ'],
    ['an opaque token', 'token gho_16C7e42F292c6912E7710c838347Ae178B4a rejected', '16C7e42'],
    ['a short code', 'code=abcd refused', 'abcd'],
    ['a code in JSON', '{"code":"abcd","x":1}', 'abcd'],
    ['a one-time code', 'the code 482913 is wrong', '482913'],
    ['a UUID', 'Trace ID: 0c7a1b2c-1111-2222-3333-444455556666 end', '0c7a1b2c'],
    ['an e-mail', 'User jo.test+x@example.test does not exist', 'example.test'],
    ['an e-mail, encoded', 'User jo%40example.test does not exist', 'example.test'],
    ['an address', 'redirect https://app.example.test/cb?code=1 wrong', 'app.example'],
    ['an address without a scheme', 'see login.example.test/a/b wrong', 'example.test/'],
    ['an IP address', 'from 203.0.113.77 refused', '203.0'],
    ['an IPv6 address', 'from 2001:db8::17 refused', '2001'],
    ['control characters', 'a\u0000b\u001b[31mc\r\nevent=forged', '\\u'],
    ['a direction mark', 'a\u202eb', '\u202e'],
  ])('holds no trace of %s', async (_what, text, gone) => {
    const { fields } = await refusalOf(described(() => text));
    expect(fields['description'] ?? '').not.toContain(gone);
    expect(JSON.stringify(fields)).not.toContain(gone);
  });

  test('is cut, whatever its length', async () => {
    const { fields } = await refusalOf(described(() => 'no such thing, '.repeat(20_000)));
    expect(fields['description']?.length).toBeGreaterThan(200);
    expect(fields['description']?.length).toBeLessThanOrEqual(300);
  });

  test('is logged for the authorization response, too', async () => {
    const before = world.app.lines.length;
    world.acme.bend.authorization = {
      parameters: {
        code: undefined,
        error: 'invalid_scope',
        error_description: 'AADSTS70011: scope x is not valid for jo@example.test',
      },
    };
    await world.connect(world.newBrowser());
    const line = world.app.lines.slice(before).find((each) => each.includes('connect.failed')) ?? '';
    expect(line).toContain('AADSTS70011: scope x is not valid');
    expect(line).not.toContain('example.test');
  });
});

test.each(['invalid_grant', 'bad_refresh_token'])(
  'a refresh that is refused with 200 and %s ends the connection',
  async (error) => {
    const browser = world.newBrowser();
    expect(outcomeOf(await world.connect(browser))).toBeNull();
    world.acme.bend.token = { on: 'refresh_token', reply: jsonReply({ error }) };
    world.app.forward(3700);
    expect((await browser.api.get('/proxy/acme/userinfo')).status).toBe(401);
    expect((await connectionOf(browser)).status).toBe('reauth_required');
  },
);

test.each([
  [400, 'revoked'],
  [401, 'revoked'],
])('revoking what is revoked already, told as %i invalid_token, is %s', async (status, revocation) => {
  const browser = world.newBrowser();
  await world.connect(browser);
  world.acme.bend.revocation = { reply: jsonReply({ error: 'invalid_token' }, status) };
  expect((await browser.api.delete('/api/connections/acme')).json).toEqual({ provider: 'acme', revocation });
});

test.each([
  [400, { error: 'unsupported_token_type' }],
  [401, { error: 'invalid_client' }],
  [404, {}],
  [503, { error: 'invalid_token' }],
])('a revocation that is refused with %i %j failed', async (status, body) => {
  const browser = world.newBrowser();
  await world.connect(browser);
  world.acme.bend.revocation = { reply: jsonReply(body, status) };
  expect((await browser.api.delete('/api/connections/acme')).json).toEqual({ provider: 'acme', revocation: 'failed' });
});
