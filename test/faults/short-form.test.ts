import { expect, test } from '@jest/globals';
import { authorizationServerDown } from '../../bench/faults/down.js';
import { exhaustion } from '../../bench/faults/exhaustion.js';
import { parallelRefresh } from '../../bench/faults/parallel-refresh.js';
import { replacing } from '../../bench/faults/replacing.js';
import type { Row } from '../../bench/faults/row.js';

/* What `npm run faults` measures, in a short form: the programme itself must not rot, and its rows hold. */

const isOurs = ({ what }: Row): boolean => what.includes('Gatehouse');

test('calls on an expired token cost one token call, and the naive application beside them its connection', async () => {
  const rows = await parallelRefresh({ delays: [0.05], processes: [2] });
  const [expired, refused] = rows.filter(isOurs);
  expect(expired).toMatchObject({ answers: { 200: 100 }, tokenCalls: 1, connectionsLost: 0 });
  expect(refused).toMatchObject({ answers: { 200: 50 }, tokenCalls: 1, connectionsLost: 0 });
  const [naive] = rows.filter((row) => !isOurs(row));
  expect(naive?.connectionsLost).toBe(1);
  expect(naive?.tokenCalls).toBeGreaterThan(1);
}, 60_000);

test('an authorization server that is down is asked a few times per connection, and no connection is lost', async () => {
  const rows = await authorizationServerDown({ seconds: 4, rate: 50, people: 5 });
  const [ours] = rows.filter(isOurs);
  expect(Object.keys(ours?.answers ?? {}).sort()).toEqual(['200', '503']);
  // Tries after 0, 1, 3 and 7 s, and the one that succeeds.
  expect(ours?.tokenCalls).toBeLessThanOrEqual(5 * 5);
  expect(ours?.connectionsLost).toBe(0);
  expect(ours?.recoveryMs).toBeDefined();
}, 60_000);

test('processes are ended and replaced, also by ones with new keys, and no call fails and nothing is renewed', async () => {
  const ours = (await replacing(3)).filter(isOurs);
  expect(ours).toHaveLength(3);
  for (const { what, answers, tokenCalls, connectionsLost } of ours)
    expect([what, Object.keys(answers), tokenCalls, connectionsLost]).toEqual([what, ['200'], 0, 0]);
  expect(ours[0]?.what).toContain('exit 0');
}, 90_000);

test('who asks for too much gets no more than a bounded part, and another person goes on', async () => {
  const [idle, hanging, anonymous] = await exhaustion({ idle: 5000, hanging: 300, anonymous: 700 });
  for (const row of [idle, hanging, anonymous])
    expect([row?.what, Object.keys(row?.answers ?? {}), row?.connectionsLost]).toEqual([row?.what, ['200'], 0]);
  expect(idle?.what).toContain('5000 accepted');
  // Each of two processes takes a hundred of one session.
  expect(hanging?.what).toContain('200 × 200, 100 × 429');
  expect(anonymous?.what).toContain('429');
  for (const { what } of [idle, hanging, anonymous].filter((row) => row !== undefined))
    expect(Number(/(\d+) MB/.exec(what)?.[1])).toBeLessThan(200);
}, 90_000);
