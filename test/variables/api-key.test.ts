import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBrowser } from '../world/browser.js';
import { startDialects, type DialectWorld } from '../providers/dialect-world.js';
import { jsonReply } from '../world/reply.js';

let world: DialectWorld;
beforeAll(async () => {
  world = await startDialects({
    books: {
      file: {
        grant: 'api_key',
        endpoints: null,
        variables: { company: { from: 'caller', pattern: '[a-z]+', public: true } },
        api: { base_url: 'SERVER/{company}/api', token: { header: 'X-Key' } },
        account: { source: 'api', request: { path: '/self' }, subject: 'id', label: ['name'] },
      },
      answer: ({ path }) => (path.endsWith('/self') ? jsonReply({ id: 7, name: 'Jo' }) : undefined),
    },
  });
});
afterAll(() => world.close());

test('a key is tried, and used, where the value leads that was said with it', async () => {
  const browser = createBrowser(world.app.url);
  const asks = await browser.navigate('/connect/books?return_to=/', { from: browser.base, follow: false });
  expect(asks.status).toBe(409);
  const wants = await browser.submit(asks, { values: { company: 'vik' }, follow: false });
  expect(wants.text).toContain('name="key"');
  const done = await browser.submit(wants, { values: { key: 'key-of-the-person-0123456789' }, follow: false });
  expect(done.location?.searchParams.get('connected')).toBe('books');
  expect(world.heard('books', '/vik/api/self')).toHaveLength(1);
  expect((await world.state(browser, 'books')) as unknown).toMatchObject({
    status: 'connected',
    variables: { company: 'vik' },
  });
  expect((await browser.api.get('/proxy/books/invoices')).status).toBe(200);
  expect(world.heard('books', '/vik/api/invoices')).toHaveLength(1);
});
