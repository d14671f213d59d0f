import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createBrowser } from '../world/browser.js';
import { startDialects, type DialectWorld, type Heard } from '../providers/dialect-world.js';
import { jsonReply, redirectReply, type Reply } from '../world/reply.js';

/** The callback of a provider that names the shop: as its file says, or another one. */
const back = (shop: (asked: string) => string | undefined) => (heard: Heard) => {
  if (!heard.path.startsWith('/authorize')) return tokens(heard);
  const url = new URL(heard.query.get('redirect_uri') ?? '');
  url.searchParams.set('code', 'code-1');
  url.searchParams.set('state', heard.query.get('state') ?? '');
  const named = shop(heard.path.split('/')[2] ?? '');
  if (named !== undefined) url.searchParams.set('shop', named);
  return redirectReply(url.href);
};

/** The token endpoints lie below the shop. */
function tokens({ path }: Heard): Reply | undefined {
  if (!path.endsWith('/token')) return undefined;
  return jsonReply({
    access_token: `access-of-${path.split('/')[1] ?? ''}`,
    refresh_token: 'r',
    token_type: 'bearer',
    expires_in: 3600,
  });
}

const shop = { from: 'caller', label: { en: 'Shop', nb: 'Butikk' }, pattern: '[a-z0-9][a-z0-9-]*', public: true };
const file = {
  variables: {
    shop,
    country: { from: 'caller', values: { nl: 'HERE', uk: 'localhost:HEREPORT' }, default: 'nl' },
  },
  endpoints: {
    authorization: 'https://{country}/authorize/{shop}',
    token: 'https://{country}/{shop}/token',
    revocation: 'https://{country}/{shop}/revoke',
  },
  authorization: { parameters: { customer: '{shop}' } },
  api: { base_url: 'https://{shop}.localhost:HEREPORT/api/{shop}/v1', headers: { 'X-Shop': '{shop}' } },
};
const confirmed = (is: string) => ({
  ...file,
  variables: { ...file.variables, shop: { ...shop, callback: { parameter: 'shop', is } } },
});

let world: DialectWorld;
beforeAll(async () => {
  world = await startDialects({
    shops: { file, answer: back(() => undefined) },
    right: { file: confirmed('{shop}.acme.test'), answer: back((asked) => `${asked}.acme.test`) },
    wrong: { file: confirmed('{shop}.acme.test'), answer: back(() => 'another.acme.test') },
    silent: { file: confirmed('{shop}.acme.test'), answer: back(() => undefined) },
  });
});
afterAll(() => world.close());

const hostOf = (heard: Heard | undefined) => heard?.headers['host'];

test('the values lead to the authorization server, to the token endpoint, and to the API', async () => {
  const port = new URL(world.origins['shops'] ?? '').port;
  const browser = await world.connected('shops', { query: { shop: 'my-shop', country: 'uk' } });
  const [authorization] = world.heard('shops', '/authorize/my-shop');
  expect([hostOf(authorization), authorization?.query.get('customer')]).toEqual([`localhost:${port}`, 'my-shop']);
  const [token] = world.heard('shops', '/my-shop/token');
  expect([hostOf(token), token?.sent['code']]).toEqual([`localhost:${port}`, 'code-1']);

  const answer = await browser.api.get('/proxy/shops/invoices?page=2&shop=other', { headers: { 'x-shop': 'other' } });
  expect(answer.status).toBe(200);
  const [call] = world.heard('shops', '/api/my-shop/v1/invoices');
  expect(hostOf(call)).toBe(`my-shop.localhost:${port}`);
  expect(call?.headers).toMatchObject({ 'x-shop': 'my-shop', authorization: 'Bearer access-of-my-shop' });
  expect(call?.query.get('page')).toBe('2');

  // The base URL itself, and once more without any closer look.
  expect((await browser.api.get('/proxy/shops')).status).toBe(200);
  expect(world.heard('shops', '/api/my-shop/v1')).toHaveLength(1);
  expect((await world.state(browser, 'shops')) as unknown).toMatchObject({ variables: { shop: 'my-shop' } });
  expect((await browser.api.delete('/api/connections/shops')).json).toMatchObject({ revocation: 'revoked' });
  expect(hostOf(world.heard('shops', '/my-shop/revoke')[0])).toBe(`localhost:${port}`);
});

test('two customers of one provider never meet', async () => {
  const one = await world.connected('shops', { query: { shop: 'one' } });
  const other = await world.connected('shops', { query: { shop: 'other' } });
  await Promise.all([one, other].map((browser) => browser.api.get('/proxy/shops/who')));
  const heard = ['one', 'other'].map(
    (name) => world.heard('shops', `/api/${name}/v1/who`)[0]?.headers['authorization'],
  );
  expect(heard).toEqual(['Bearer access-of-one', 'Bearer access-of-other']);
});

describe('a caller who says nothing', () => {
  test('is told what is missing, as a program', async () => {
    const browser = createBrowser(world.app.url);
    const answer = await browser.api.post('/connect/shops', { json: { country: 'uk' } });
    expect([answer.status, answer.json]).toEqual([
      409,
      expect.objectContaining({
        code: 'variable_required',
        variables: ['shop'],
        connect_url: `${world.app.url}/connect/shops`,
      }),
    ]);
  });

  test('is asked by a page, as a person, and goes on from there', async () => {
    const browser = createBrowser(world.app.url);
    const page = await browser.navigate('/connect/shops?return_to=/after', {
      follow: false,
      headers: { 'accept-language': 'nb' },
    });
    expect([page.status, page.text.includes('Butikk'), page.text.includes('uk')]).toEqual([409, true, true]);
    const on = await browser.submit(page, { values: { shop: 'asked', country: 'nl' }, follow: false });
    expect(on.location?.pathname).toBe('/authorize/asked');
  });

  test('is asked again where the value cannot be', async () => {
    const browser = createBrowser(world.app.url);
    const page = await browser.navigate('/connect/shops?shop=no.shop', { follow: false });
    expect([page.status, page.text.includes('aria-invalid="true"')]).toEqual([400, true]);
  });
});

const impossible = [
  ...[
    '..',
    '.',
    'a.b',
    'a/b',
    'a@b',
    'a:1',
    'a#b',
    'a?b',
    'a%2eb',
    '-a',
    'a-',
    'a'.repeat(64),
    'A',
    'ä',
    'a b',
    'a\\b',
    'a\nb',
  ],
  ...['xn--\u00e9', '{shop}', 'a{shop}', '127.0.0.1', '[::1]', 'localhost.'],
];

test.each(impossible)('the label %j is refused, and nothing is asked', async (name) => {
  const browser = createBrowser(world.app.url);
  const before = world.heard('shops').length;
  const { status, json } = await browser.api.post('/connect/shops', { json: { shop: name } });
  expect([status, json]).toEqual([400, expect.objectContaining({ code: 'invalid_request' })]);
  expect(world.heard('shops')).toHaveLength(before);
});

test.each(['toString', '__proto__', 'constructor', 'NL', 'HERE', ''])(
  'the listed value %j is none',
  async (country) => {
    const browser = createBrowser(world.app.url);
    const { status } = await browser.api.post('/connect/shops', { json: { shop: 'a', country } });
    expect([400, 409]).toContain(status);
  },
);

test('a callback that confirms the shop connects', async () => {
  await world.connected('right', { query: { shop: 'mine' } });
});

test.each(['wrong', 'silent'])('a callback of another shop is refused before its code is spent (%s)', async (id) => {
  const { finalUrl } = await world.journey(id, { query: { shop: 'mine' } });
  expect(finalUrl.searchParams.get('connect_error')).toBe('issuer_mismatch');
  expect(world.heard(id, '/mine/token')).toEqual([]);
});
