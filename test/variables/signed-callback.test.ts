import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientSecret, startDialects, type DialectWorld, type Heard } from '../providers/dialect-world.js';
import { redirectReply } from '../world/reply.js';

/** What the provider of this file does to its callback, after it was signed. */
let spoil = (_parameters: URLSearchParams): void => undefined;

/** As a shop system signs: every other parameter, sorted, as a query, with the client secret. */
function answer({ path, query }: Heard) {
  if (path !== '/authorize') return undefined;
  const back = new URL(query.get('redirect_uri') ?? '');
  const parameters = new URLSearchParams({
    shop: 'a.shops.test',
    code: 'code 1/+&',
    timestamp: '1760000000',
    host: 'YWI=',
  });
  parameters.set('state', query.get('state') ?? '');
  parameters.sort();
  parameters.set('hmac', createHmac('sha256', clientSecret).update(parameters.toString()).digest('hex'));
  spoil(parameters);
  back.search = parameters.toString();
  return redirectReply(back.href);
}

let world: DialectWorld;
beforeAll(async () => {
  world = await startDialects({ shops: { answer, file: { callback: { hmac: {} } } } });
});
afterAll(() => world.close());

test('a callback that the provider signed connects', async () => {
  await world.connected('shops');
});

const spoilt: [string, (parameters: URLSearchParams) => void][] = [
  ['without a signature', (parameters) => parameters.delete('hmac')],
  ['with an empty one', (parameters) => parameters.set('hmac', '')],
  ['with another one', (parameters) => parameters.set('hmac', '0'.repeat(64))],
  ['with another shop', (parameters) => parameters.set('shop', 'evil.shops.test')],
  ['with another code', (parameters) => parameters.set('code', 'another')],
  ['with one parameter more', (parameters) => parameters.set('more', '1')],
  ['with one parameter less', (parameters) => parameters.delete('timestamp')],
];

test.each(spoilt)('a callback %s is refused before its code is spent', async (_how, spoiling) => {
  spoil = spoiling;
  const before = world.heard('shops', '/token').length;
  const { finalUrl } = await world.journey('shops');
  expect(finalUrl.searchParams.get('connect_error')).toBe('issuer_mismatch');
  expect(world.heard('shops', '/token')).toHaveLength(before);
});
