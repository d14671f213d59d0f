import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSessionWorld, type SessionWorld } from '../session/session-world.js';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({ TRUST_PROXY: 'loopback, 10.0.0.0/8' });
});
afterAll(() => world.close());

/** What the store counts the request for. */
const countedFor = async (forwarded: string) => {
  for (const key of await world.keys()) if (key.includes('limit:connect')) await world.redis.cli('del', key);
  await world.browser().get('/connect/acme', { headers: { 'x-forwarded-for': forwarded } });
  return (await world.keys()).flatMap((key) => /limit:connect:(.+)$/.exec(key)?.[1] ?? []);
};

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:51234', '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7:51234', '203.0.113.7'],
  ['203.0.113.7:51234, 10.0.0.9:443', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['[::ffff:cb00:7107]:8080', '203.0.113.7'],
  ['not-an-address', '127.0.0.1'],
  ['203.0.113.7, unknown', '127.0.0.1'],
  ['203.0.113.7:99:99', '127.0.0.1'],
  ['', '127.0.0.1'],
])('X-Forwarded-For of "%s" counts for %s', async (forwarded, address) => {
  expect(await countedFor(forwarded)).toEqual([address]);
});

test('addresses of IPv6 count by their network, however they are written', async () => {
  const one = await countedFor('2001:db8:1:2::1');
  expect(one).toHaveLength(1);
  for (const other of ['[2001:db8:1:2::9]:443', '[2001:DB8:1:2:0:0:0:3]', '2001:0db8:0001:0002::4'])
    expect([other, await countedFor(other)]).toEqual([other, one]);
  expect(await countedFor('2001:db8:ffff::1')).not.toEqual(one);
});
