import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startProviderWorld, type ProviderWorld } from '../providers/provider-world.js';
import { contractOf } from './contract.js';
import { servedDocument } from './served.js';

const provider = 'request-finance';
let world: ProviderWorld;
beforeAll(async () => {
  world = await startProviderWorld();
});
afterAll(() => world.close());

test('the list of organizations, a choice and a choice that is not listed answer as documented', async () => {
  const browser = await world.connected(provider);
  const contract = contractOf(await servedDocument(browser));
  const listPath = '/api/connections/{key}/organizations';
  const choicePath = '/api/connections/{key}/organization';
  const address = (path: string) => path.replace(/\{(provider|key)\}/, provider);

  const list = await browser.api.get(address(listPath));
  expect([list.status, contract('get', listPath, list)]).toEqual([200, []]);
  const [first] = (list.json as { organizations: { id: string }[] }).organizations;
  for (const [id, status] of [
    [first!.id, 200],
    [null, 200],
    ['unlisted', 400],
  ] as const) {
    const chosen = await browser.api.put(address(choicePath), { json: { id } });
    expect([chosen.status, contract('put', choicePath, chosen)]).toEqual([status, []]);
  }
  const again = await browser.api.get(address(listPath));
  expect([again.status, contract('get', listPath, again)]).toEqual([200, []]);
});
