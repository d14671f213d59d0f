import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createPlaces } from '../../src/proxy/places.js';
import { closeAll, exchange, gateway, upstream } from './harness.js';

const free = (): void => undefined;

test('one account gets half of the places, and the next ones find some', () => {
  const places = createPlaces({ size: 256 });
  const begun: string[] = [];
  const enter = (count: number, ...parties: string[]) =>
    Array.from({ length: count }, () => places.enter(parties, () => begun.push(parties[0] ?? '')));
  enter(90, 'session 1', 'account a');
  enter(90, 'session 2', 'account a');
  const last = enter(90, 'session 3', 'account a');
  expect(begun).toHaveLength(128);
  enter(100, 'session 4', 'account b');
  expect(begun.filter((name) => name === 'session 4')).toHaveLength(64);
  for (const name of ['5', '6', '7']) enter(1, `session ${name}`, `account ${name}`);
  expect(begun.slice(-3)).toEqual(['session 5', 'session 6', 'session 7']);
  for (const place of last) place.leave();
});

test('an owner with several accounts gets no more than with one', () => {
  const places = createPlaces({ size: 8 });
  let begun = 0;
  const enter = (account: string) => places.enter(['owner o', `account ${account}`], () => (begun += 1));
  for (const account of ['a', 'b', 'c', 'd', 'e', 'f']) enter(account);
  expect(begun).toBe(4);
});

test('those that wait are served in turn, and one who leaves is passed over', () => {
  const places = createPlaces({ size: 1 });
  const begun: string[] = [];
  const held = [places.enter(['x'], free)];
  const wait = (name: string, party: string) => {
    const place = places.enter([party], () => {
      begun.push(name);
      held.push(place);
    });
    return place;
  };
  const [, gone] = [wait('a1', 'a'), wait('a2', 'a')];
  wait('a3', 'a');
  wait('b1', 'b');
  wait('c1', 'c');
  gone.leave();
  while (held.length > 0) held.shift()?.leave();
  expect(begun).toEqual(['a1', 'b1', 'c1', 'a3']);
});

test('a call that gets no place in time, or finds too many waiting: 503 upstream_busy', async () => {
  const waiting: ServerResponse[] = [];
  const api = await upstream((_req, res) => void waiting.push(res));
  const gate = await gateway(api.url, {}, { connections: 2, maxWaitMs: 300, maxWaiting: 1 });
  const call = () => exchange(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  const first = call();
  await once(api.server, 'request');
  const [one, other] = await Promise.all([call(), call()]);
  expect([one, other].map((text) => /^HTTP\/1\.1 503 [^]*upstream_busy/.test(text))).toEqual([true, true]);
  waiting[0]?.end('ok');
  expect(await first).toContain('HTTP/1.1 200');
  await closeAll();
});
