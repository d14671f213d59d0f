import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Method } from '../../src/openapi/operation.js';
import { startWorld, type World } from '../world/world.js';
import type { Browser, RequestOptions } from '../world/browser.js';
import type { Answer } from '../world/answer.js';
import { contractOf, type Contract } from './contract.js';
import { servedDocument } from './served.js';

let world: World;
let contract: Contract;

beforeAll(async () => {
  world = await startWorld();
  contract = contractOf(await servedDocument(world.browser));
});
afterAll(() => world.close());

/** Asks as the front end would; the answer has this status and keeps to the document. */
async function expectAnswer(
  browser: Browser,
  status: number,
  method: Exclude<Method, 'options' | 'head'>,
  path: string,
  options: RequestOptions & { provider?: string } = {},
): Promise<Answer> {
  const target = path.replace(/\{(provider|key)\}/, options.provider ?? 'acme').replace('{path}', 'invoices');
  const answer = await browser.api[method](target, options);
  expect({ path, status: answer.status }).toEqual({ path, status });
  expect(contract(method, path, answer)).toEqual([]);
  return answer;
}

async function connected(): Promise<Browser> {
  const browser = world.browser.newBrowser();
  await world.connect({ browser });
  return browser;
}

test('the session, its connections and what ends them answer as documented', async () => {
  const browser = await connected();
  await expectAnswer(browser, 200, 'get', '/api/session');
  await expectAnswer(browser, 200, 'get', '/api/connections');
  await expectAnswer(browser, 200, 'get', '/api/connections/{key}');
  await expectAnswer(browser, 200, 'post', '/api/connections/{key}/refresh');
  await expectAnswer(browser, 200, 'get', '/api/session');
  await expectAnswer(browser, 200, 'post', '/connect/{provider}', { json: {} });
  await expectAnswer(browser, 200, 'delete', '/api/connections/{key}');
  await world.connect({ browser });
  await expectAnswer(browser, 200, 'post', '/logout');
});

test('a visitor without a session is answered as documented', async () => {
  const visitor = world.browser.newBrowser();
  await expectAnswer(visitor, 200, 'get', '/api/session');
  await expectAnswer(visitor, 200, 'get', '/api/connections');
  await expectAnswer(visitor, 200, 'delete', '/api/connections/{key}');
  await expectAnswer(visitor, 200, 'post', '/logout');
  await expectAnswer(visitor, 401, 'post', '/api/connections/{key}/refresh');
  await expectAnswer(visitor, 401, 'get', '/proxy/{key}/{path}');
});

test('refusals are problems with a code that the operation lists', async () => {
  const browser = await connected();
  const noProof = { headers: { 'x-csrf': '0' } };
  const foreign = { headers: { origin: 'https://elsewhere.test' } };
  const unknown = { provider: 'nobody' };
  await expectAnswer(browser, 404, 'get', '/api/connections/{key}', unknown);
  await expectAnswer(browser, 403, 'delete', '/api/connections/{key}', noProof);
  await expectAnswer(browser, 403, 'post', '/logout', foreign);
  const asDocument = { headers: { 'x-csrf': '0', 'sec-fetch-dest': 'document' } };
  await expectAnswer(browser, 403, 'get', '/proxy/{key}/{path}', asDocument);
  await expectAnswer(browser, 404, 'get', '/proxy/{key}/{path}', unknown);
  await expectAnswer(browser, 404, 'get', '/api/connections/{key}/organizations');
  await expectAnswer(browser, 404, 'put', '/api/session/owner', { json: { assertion: 'x' } });
  await expectAnswer(browser, 400, 'post', '/connect/{provider}', { json: { return_to: 'https://elsewhere.test' } });
  await expectAnswer(browser, 413, 'post', '/connect/{provider}', { json: { return_to: 'x'.repeat(40_000) } });
  await expectAnswer(browser, 400, 'get', '/connect/{provider}/callback');
  await expectAnswer(browser, 400, 'get', '/connect/{provider}/confirm');
  await expectAnswer(browser, 404, 'post', '/webhooks/{provider}', { json: {} });
});

test('health, readiness, figures and pages answer as documented', async () => {
  await expectAnswer(world.browser, 200, 'get', '/healthz');
  await expectAnswer(world.browser, 200, 'get', '/readyz');
  await expectAnswer(world.browser, 200, 'get', '/openapi.json');
  await expectAnswer(world.browser, 200, 'get', '/setup/{provider}');
  await expectAnswer(world.browser, 200, 'get', '/connections/{key}');
  await expectAnswer(world.browser, 200, 'get', '/docs');
  await expectAnswer(world.browser, 200, 'get', '/');
  const figures = await world.browser.get(`http://127.0.0.1:${world.app.metricsPort}/metrics`);
  expect(contract('get', '/metrics', figures)).toEqual([]);
});

test('an answer with a member more, a member less or another code goes against the document', async () => {
  const { status, headers, text } = await world.browser.newBrowser().api.get('/api/session');
  const body = JSON.parse(text) as { connections: object[] };
  const against = (changed: unknown) =>
    contract('get', '/api/session', { status, headers, text: JSON.stringify(changed) });
  expect(against(body)).toEqual([]);
  expect(against({ ...body, token: 'x' })).not.toEqual([]);
  expect(against({ connections: body.connections })).not.toEqual([]);
  expect(against({ ...body, connections: [{ ...body.connections[0], status: 'logged_in' }] })).not.toEqual([]);

  const refused = await world.browser.newBrowser().api.get('/api/connections/nobody');
  const other = refused.text.replaceAll('unknown_provider', 'not_found');
  expect(contract('get', '/api/connections/{key}', refused)).toEqual([]);
  expect(contract('get', '/api/connections/{key}', { ...refused, text: other })).not.toEqual([]);
});
