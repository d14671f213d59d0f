import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startDialects, type DialectWorld, type Heard } from '../providers/dialect-world.js';
import { jsonReply } from '../world/reply.js';

const file = {
  variables: { shop: { from: 'caller', pattern: '[a-z]+', public: true } },
  endpoints: { token: 'SERVER/{shop}/token' },
  authorization: { parameters: { shop: '{shop}' } },
  api: {
    base_url: 'SERVER/{shop}/api',
    examples: [{ name: 'Orders', path: '/orders?shop={shop}', rows: '' }],
  },
  // The same person signs in for every shop.
  account: { source: 'api', subject: 'id', label: ['name'], request: { path: '/me' } },
};

const answer = ({ path }: Heard, count: number) => {
  if (path.endsWith('/token'))
    return jsonReply({
      access_token: `a-${count}`,
      refresh_token: `r-${count}`,
      token_type: 'bearer',
      expires_in: 3600,
    });
  return path.endsWith('/me') ? jsonReply({ id: 'jo', name: 'Jo' }) : undefined;
};

let world: DialectWorld;
beforeAll(async () => {
  world = await startDialects({ shops: { file, answer } });
});
afterAll(() => world.close());

interface Listed {
  id: string | null;
  variables: Record<string, string>;
}
const listed = async (browser: Browser): Promise<Listed[]> =>
  ((await browser.api.get('/api/connections')).json as { connections: Listed[] }).connections.filter(
    ({ id }) => id !== null,
  );
const start = (browser: Browser, json: Record<string, string>) => browser.api.post('/connect/shops', { json });
const codeOf = ({ status, json }: { status: number; json: unknown }) => [status, (json as { code: string }).code];

test('another value is another account: a further connection, though the person is the same', async () => {
  const browser = createBrowser(world.app.url);
  await connect(browser, 'shops', { query: { shop: 'one' } });
  const { finalUrl } = await connect(browser, 'shops', { query: { shop: 'two' } });
  expect(finalUrl.searchParams.get('connected')).toBe('shops');
  const both = await listed(browser);
  expect(both.map(({ variables }) => variables['shop']).sort()).toEqual(['one', 'two']);

  for (const { id, variables } of both) {
    expect((await browser.api.get(`/proxy/${id}/orders`)).status).toBe(200);
    expect(world.heard('shops', `/${variables['shop'] ?? ''}/api/orders`)).toHaveLength(1);
  }
  // The same value again is the same connection.
  await connect(browser, 'shops', { query: { shop: 'two' } });
  expect(await listed(browser)).toHaveLength(2);
});

test('a connection that is named keeps its values, and refuses others', async () => {
  const browser = createBrowser(world.app.url);
  await connect(browser, 'shops', { query: { shop: 'one' } });
  const [only] = await listed(browser);
  const connection = only?.id ?? '';
  expect(codeOf(await start(browser, { connection, shop: 'two' }))).toEqual([409, 'account_mismatch']);
  const own = (await start(browser, { connection })).json as { authorize_url: string };
  expect(new URL(own.authorize_url).searchParams.get('shop')).toBe('one');
  const again = (await start(browser, {})).json as { authorize_url: string };
  expect(new URL(again.authorize_url).searchParams.get('shop')).toBe('one');
  expect(codeOf(await start(browser, { as: 'new' }))).toEqual([409, 'variable_required']);
});

test('no header, no query and no rename changes a value', async () => {
  const browser = createBrowser(world.app.url);
  await connect(browser, 'shops', { query: { shop: 'one' } });
  const [only] = await listed(browser);
  const before = world.heard('shops', '/one/api/x').length;
  await browser.api.get('/proxy/shops/x?shop=two', { headers: { 'x-shop': 'two', shop: 'two' } });
  expect(world.heard('shops', '/one/api/x')).toHaveLength(before + 1);
  await browser.api.patch(`/api/connections/${only?.id ?? ''}`, {
    json: { label: 'mine', variables: { shop: 'two' } },
  });
  expect((await listed(browser))[0]?.variables).toEqual({ shop: 'one' });
});

test('the page of the connection offers its examples with its own values', async () => {
  const browser = createBrowser(world.app.url);
  await connect(browser, 'shops', { query: { shop: 'one' } });
  const page = await browser.navigate('/connections/shops');
  expect(page.text).toContain('/orders?shop=one');
  expect(page.text).not.toContain('{shop}');
  const made = await browser.submit(page, { which: '/connections/shops/example' });
  expect(made.status).toBe(200);
  expect(world.heard('shops', '/one/api/orders').some(({ query }) => query.get('shop') === 'one')).toBe(true);
});
