import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { jsonReply } from '../world/reply.js';
import { startExplorerWorld, type ExplorerWorld } from './explorer-world.js';

const item = { name: 'Make', method: 'POST', path: '/make', body: '{"made":true}' };
const graphql = (name: string, query: string) => ({
  name,
  method: 'POST',
  path: '/graphql',
  body: JSON.stringify({ query }),
});
const mutation = graphql('Change', 'mutation { remove(id: 1) { id } }');
const hidden = graphql('Hidden', '# query\nfragment F on X { id }\nmutation M { remove { ...F } }');
const live = graphql('Live', 'subscription { changes { id } }');

let world: ExplorerWorld;
let elsewhere: Server;
let page: Page;

beforeAll(async () => {
  world = await startExplorerWorld(true, {
    changing: { api: { examples: [item, { name: 'List', path: '/list' }] } },
    only: { api: { examples: [item, { ...item, method: 'DELETE' }] } },
    graph: {
      api: { style: 'graphql', examples: [mutation, hidden, live, graphql('Read', 'query { companies { id } }')] },
    },
    graphonly: { api: { style: 'graphql', examples: [mutation, hidden, live] } },
    posting: { api: { examples: [graphql('Search', '{ companies { id } }')] } },
  });
  world.upstream.answer(/./, jsonReply({ items: [{ id: 1 }] }));
  elsewhere = createServer((req, res) => {
    res.setHeader('content-type', 'text/html').end(`<a id="go" href="${world.app.url}${req.url ?? ''}">go</a>`);
  });
  await once(elsewhere.listen(0, '127.0.0.2'), 'listening');
});
afterAll(async () => {
  elsewhere.close();
  await world.close();
});
beforeEach(async () => {
  page = await world.chromium.newPage();
});
afterEach(async () => {
  await page.close();
  world.upstream.requests.length = 0;
});

const asked = () => world.upstream.requests.map(({ method, url }) => `${method} ${url}`);
/** The explorer has run: what it does unasked has begun by then. */
const settled = async () => {
  await page.waitForSelector('[data-part=own]:not([hidden])', { state: 'attached' });
  await page.waitForSelector('[data-part=stop]', { state: 'hidden' });
};

test.each([
  ['changing', ['GET /list']],
  ['only', []],
  ['graph', ['POST /graphql']],
  ['graphonly', []],
  ['posting', []],
])('of the examples of %s the page itself makes the first that only reads', async (provider, expected) => {
  await world.connect(page, provider);
  await settled();
  expect(asked()).toEqual(expected);
  if (provider === 'graph') expect(world.upstream.last.body.toString()).toContain('query { companies');
  world.upstream.requests.length = 0;
  await page.locator('.call').first().click();
  await settled();
  expect(asked()).toHaveLength(1);
});

test('where a link of another site led here, nothing is called before the person asks', async () => {
  await world.connect(page, 'changing');
  await settled();
  world.upstream.requests.length = 0;
  const { port } = elsewhere.address() as AddressInfo;
  for (const query of ['', '?connected=changing']) {
    await page.goto(`http://127.0.0.2:${port}/connections/changing${query}`);
    await Promise.all([page.waitForURL(`${world.app.url}/connections/changing*`), page.click('#go')]);
    await settled();
    expect(asked()).toEqual([]);
  }
  await page.locator('.call', { hasText: 'List' }).click();
  await settled();
  expect(asked()).toEqual(['GET /list']);
  await page.goto(world.app.url);
  await page.goto(`${world.app.url}/connections/changing`);
  await settled();
  expect(asked()).toEqual(['GET /list', 'GET /list']);
});
