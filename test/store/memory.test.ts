import { expect, test } from '@jest/globals';
import { createMemoryStore } from '../../src/store/memory.js';
import { StoreUnavailableError } from '../../src/store/store.js';
import { storeContract } from './contract.js';

storeContract('embedded', () => {
  const store = createMemoryStore();
  return Promise.resolve({ store, close: () => store.close() });
});

const value = Buffer.from('x');

test('a full embedded store forgets counters rather than records', async () => {
  const store = createMemoryStore({ maxKeys: 10 });
  await store.commit([], [{ key: 'record', value, ttlMs: 1000 }]);
  for (let index = 0; index < 100; index += 1) await store.increment(`counter-${index}`, 1000);
  expect(await store.get('record')).toEqual(value);
  expect(await store.get('counter-0')).toBeUndefined();
  expect(await store.get('counter-99')).toEqual(Buffer.from('1'));
});

test('an embedded store full of records refuses writes as a whole, and goes on reading and deleting', async () => {
  const store = createMemoryStore({ maxKeys: 2 });
  await store.commit([], [{ key: '{a}1', value, ttlMs: 1000 }]);
  const writes = ['{a}2', '{a}3'].map((key) => ({ key, value, ttlMs: 1000 }));
  await expect(store.commit([], writes)).rejects.toThrow(StoreUnavailableError);
  expect(await store.getMany(['{a}1', '{a}2', '{a}3'])).toEqual([value, undefined, undefined]);
  await store.commit([], [{ key: '{a}1', delete: true }]);
  expect(await store.commit([], writes)).toBe(true);
});

test('an embedded store that is full of expired keys has room', async () => {
  let time = 0;
  const store = createMemoryStore({ maxKeys: 1, now: () => time });
  await store.commit([], [{ key: 'old', value, ttlMs: 1000 }]);
  time = 1000;
  expect(await store.commit([], [{ key: 'new', value, ttlMs: 1000 }])).toBe(true);
});

test('a closed embedded store is unavailable', async () => {
  const store = createMemoryStore();
  await store.close();
  await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
  expect(store.status()).toBe('lost');
});
