import { afterEach, expect, jest, test } from '@jest/globals';
import { connect, failure, start } from '../store/faulty-redis.js';

const value = Buffer.from('x');
afterEach(() => void jest.restoreAllMocks());

test('what was asked of a frozen store is not done when it thaws: no lock for nobody, no session renewed', async () => {
  const server = await start();
  const { store } = connect(server.url);
  await store.commit([], [{ key: 'kept', value, ttlMs: 60_000 }]);
  await server.kill('SIGSTOP');
  const [lock, loss] = await Promise.all([
    failure(store.commit([{ key: 'lock', exists: false }], [{ key: 'lock', value, ttlMs: 15_000 }])),
    failure(store.commit([], [{ key: 'kept', delete: true }])),
  ]);
  expect(Math.max(lock.ms, loss.ms)).toBeLessThan(2000);
  await server.kill('SIGCONT');
  expect([await server.cli('exists', 'lock'), await server.cli('exists', 'kept')]).toEqual(['0', '1']);
});

test.each([-3_600_000, 3_600_000])('a clock that differs by %i ms from the server’s changes nothing', async (off) => {
  const server = await start();
  const real = Date.now.bind(Date);
  const { store } = connect(server.url);
  await store.ping();
  jest.spyOn(Date, 'now').mockImplementation(() => real() + off);
  for (const key of ['a', 'b']) expect(await store.commit([], [{ key, value, ttlMs: 60_000 }])).toBe(true);
  expect(await server.cli('dbsize')).toBe('2');
});
