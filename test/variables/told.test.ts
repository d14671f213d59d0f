import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startDialects, type Dialect, type DialectWorld, type Heard } from '../providers/dialect-world.js';
import { jsonReply, redirectReply, type Reply } from '../world/reply.js';

/** What the providers of this file say now; each test sets it. */
const now = {
  /** Parameters of the callback, beside code and state. */
  callback: {} as Record<string, string>,
  /** Members of the token response, first and at a refresh. */
  token: {} as Record<string, unknown>,
  refresh: {} as Record<string, unknown>,
  /** The answer to the request of a variable, and the status of the account request. */
  asked: {} as unknown,
  account: 200,
};
beforeEach(() => {
  Object.assign(now, { callback: {}, token: {}, refresh: {}, asked: {}, account: 200 });
});

function answer(heard: Heard, count: number): Reply | undefined {
  const { path, query, sent } = heard;
  if (path === '/authorize') {
    const back = new URL(query.get('redirect_uri') ?? '');
    const all = { code: `code-${count}`, state: query.get('state') ?? '', ...now.callback };
    for (const [name, value] of Object.entries(all)) back.searchParams.set(name, value);
    return redirectReply(back.href);
  }
  if (path === '/token') {
    const told = sent['grant_type'] === 'refresh_token' ? { ...now.token, ...now.refresh } : now.token;
    return jsonReply({
      access_token: `a-${count}`,
      refresh_token: `r-${count}`,
      token_type: 'bearer',
      expires_in: 3600,
      ...told,
    });
  }
  if (path === '/metadata') return jsonReply(now.asked);
  if (path.endsWith('/account')) return jsonReply({ id: 'c-1', name: 'Acme' }, now.account);
  return undefined;
}

const dialects: Record<string, Dialect> = {
  books: {
    answer,
    file: {
      variables: {
        realm: { from: 'callback', parameter: 'realmId', pattern: '\\d{5,25}', account: true, public: true },
      },
      api: { base_url: 'SERVER/company/{realm}' },
      account: { source: 'api', subject: 'id', label: ['name'], request: { path: '/account' } },
    },
  },
  force: {
    answer,
    file: {
      variables: {
        instance: { from: 'token_answer', pointer: '/instance_url', origin_within: ['.force.test'], public: true },
      },
      api: { base_url: 'https://{instance}/services' },
      revocation: { ends: 'token' },
    },
  },
  following: {
    answer,
    file: {
      variables: {
        instance: {
          from: 'token_answer',
          pointer: '/instance_url',
          origin_within: ['.force.test'],
          public: true,
          follow: true,
        },
      },
      api: { base_url: 'https://{instance}/services' },
    },
  },
  asking: {
    answer,
    file: {
      variables: {
        base: {
          from: 'request',
          address: 'SERVER/metadata',
          pointer: '/api_endpoint',
          origin_within: ['.force.test'],
          public: true,
        },
        dc: {
          from: 'request',
          request: { path: 'SERVER/metadata' },
          pointer: '/dc',
          pattern: '[a-z]{2}\\d',
          renewal: 'ask',
          public: true,
        },
      },
      api: { base_url: 'https://{base}/{dc}' },
    },
  },
};

let world: DialectWorld;
beforeAll(async () => {
  world = await startDialects(dialects);
});
afterAll(() => world.close());

const origin = (id: string) => world.origins[id] ?? '';
const errorOf = async (id: string) => (await world.journey(id)).finalUrl.searchParams.get('connect_error');
const shown = async (id: string, browser: Awaited<ReturnType<DialectWorld['connected']>>) =>
  ((await world.state(browser, id)) as unknown as { variables: unknown }).variables;

describe('what the callback says', () => {
  test('leads to the company, once the API has answered for it', async () => {
    now.callback = { realmId: '1234567890' };
    const browser = await world.connected('books');
    expect(world.heard('books', '/company/1234567890/account')).not.toHaveLength(0);
    expect((await browser.api.get('/proxy/books/invoices?minorversion=65')).status).toBe(200);
    expect(world.heard('books', '/company/1234567890/invoices')).toHaveLength(1);
    expect(await shown('books', browser)).toEqual({ realm: '1234567890' });
  });

  test.each(['1', '12345x', '../../other', '12345/../../x', '１２３４５', '1'.repeat(26), ''])(
    '%j is no company',
    async (realmId) => {
      now.callback = { realmId };
      const before = world.heard('books', '/token').length;
      expect(await errorOf('books')).toBe('invalid_request');
      expect(world.heard('books', '/token')).toHaveLength(before);
    },
  );

  test('is not stored where the API does not answer for it', async () => {
    now.callback = { realmId: '9999999999' };
    now.account = 403;
    expect(await errorOf('books')).toBe('access_denied');
  });

  test('is needed', async () => {
    expect(await errorOf('books')).toBe('invalid_request');
  });
});

describe('what the token response says', () => {
  test('is where the API lies', async () => {
    now.token = { instance_url: `${origin('force')}/a/path?x=1` };
    const browser = await world.connected('force');
    expect((await browser.api.get('/proxy/force/data')).status).toBe(200);
    expect(world.heard('force', '/services/data')).toHaveLength(1);
    expect(await shown('force', browser)).toEqual({ instance: origin('force') });
  });

  test.each([
    ...['https://evil.test', 'https://force.test', 'https://xforce.test', 'https://a.force.test.evil.test'],
    ...[
      'https://a.force.test:8443',
      'http://a.force.test',
      'https://u:p@a.force.test',
      'https://a.force.test@evil.test',
    ],
    ...['https://evil.test/.force.test', 'https://evil.test?.force.test', 'https://evil.test#.force.test'],
    ...[
      'https://evil.test\\.force.test',
      'https://a..force.test',
      'https://a.force.test.',
      'javascript:x',
      'ftp://a.force.test',
      5,
      {},
      '',
    ],
  ])('%j is no origin of the provider: nothing is connected', async (instance) => {
    now.token = { instance_url: instance };
    expect(await errorOf('force')).toBe('upstream_invalid_response');
  });

  test('is needed', async () => {
    expect(await errorOf('force')).toBe('upstream_invalid_response');
  });

  test('another one at a renewal is another account: connect again', async () => {
    now.token = { instance_url: origin('force') };
    const browser = await world.connected('force');
    now.refresh = { instance_url: 'https://other.force.test' };
    const renewed = await browser.api.post('/api/connections/force/refresh');
    expect([renewed.status, renewed.json]).toEqual([
      401,
      expect.objectContaining({ code: 'reauth_required', reason: 'account_changed' }),
    ]);
    const again = await browser.api.get('/proxy/force/data');
    expect([again.status, again.json]).toEqual([
      401,
      expect.objectContaining({ code: 'reauth_required', reason: 'account_changed' }),
    ]);
    const refreshToken = world.heard('force', '/revoke').at(-1)?.sent['token'];
    expect(refreshToken).toMatch(/^r-/);
  });

  test('the same one, or none, renews', async () => {
    now.token = { instance_url: origin('force') };
    const browser = await world.connected('force');
    expect((await browser.api.post('/api/connections/force/refresh')).status).toBe(200);
    now.refresh = { instance_url: undefined };
    expect((await browser.api.post('/api/connections/force/refresh')).status).toBe(200);
  });

  test('an origin that may follow is where the API lies from then on', async () => {
    now.token = { instance_url: origin('following') };
    const browser = await world.connected('following');
    const moved = origin('following').replace('127.0.0.1', 'moved.localhost');
    now.refresh = { instance_url: moved };
    expect((await browser.api.post('/api/connections/following/refresh')).status).toBe(200);
    expect((await browser.api.get('/proxy/following/data')).status).toBe(200);
    expect(world.heard('following', '/services/data').at(-1)?.headers['host']).toBe(new URL(moved).host);
    expect(await shown('following', browser)).toEqual({ instance: moved });
    now.refresh = { instance_url: 'https://evil.test' };
    expect((await browser.api.post('/api/connections/following/refresh')).status).toBe(401);
  });
});

describe('what the provider is asked', () => {
  test('is asked once, with the new token, for all variables of one address', async () => {
    now.asked = { api_endpoint: origin('asking'), dc: 'us6' };
    const browser = await world.connected('asking');
    const [asked, ...more] = world.heard('asking', '/metadata');
    expect([asked?.method, asked?.headers['authorization'], more]).toEqual([
      'GET',
      expect.stringMatching(/^Bearer a-/),
      [],
    ]);
    expect((await browser.api.get('/proxy/asking/lists')).status).toBe(200);
    expect(world.heard('asking', '/us6/lists')).toHaveLength(1);

    // At a renewal only what says so is asked again, and compared.
    now.asked = { api_endpoint: 'https://other.force.test', dc: 'us6' };
    expect((await browser.api.post('/api/connections/asking/refresh')).status).toBe(200);
    expect(world.heard('asking', '/metadata')).toHaveLength(2);
    now.asked = { dc: 'us7' };
    expect((await browser.api.post('/api/connections/asking/refresh')).json).toMatchObject({
      code: 'reauth_required',
      reason: 'account_changed',
    });
  });

  test.each([
    [{}],
    [[]],
    [{ api_endpoint: 'https://evil.test', dc: 'us6' }],
    [{ api_endpoint: 'HERE', dc: '../x' }],
    [{ api_endpoint: 'HERE' }],
  ])('an answer of %j connects nothing', async (asked) => {
    now.asked = JSON.parse(JSON.stringify(asked).replace('HERE', origin('asking'))) as unknown;
    expect(await errorOf('asking')).toBe('upstream_invalid_response');
  });
});
