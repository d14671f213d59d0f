import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Store } from '../../src/store/store.js';
import { eventually } from '../world/redis.js';

/** What every store must do, whatever it is made of. */
export function storeContract(name: string, open: () => Promise<{ store: Store; close: () => Promise<void> }>): void {
  describe(`the ${name} store`, () => {
    let store: Store;
    let close: () => Promise<void>;
    const bytes = (text: string): Buffer => Buffer.from(text);
    /** A key of a browser that no other test knows. */
    const key = (name = 'record', browserId: string = randomUUID()): string => `gh:{${browserId}}:${name}`;
    const put = (at: string, value: string | Buffer, ttlMs = 60_000): Promise<boolean> =>
      store.commit([], [{ key: at, value: Buffer.from(value), ttlMs }]);

    beforeAll(async () => {
      ({ store, close } = await open());
    });
    afterAll(() => close());

    test('answers undefined for a key that is not there', async () => {
      expect(await store.get(key())).toBeUndefined();
    });

    test('gives back every byte of a value', async () => {
      const at = key();
      const value = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(100_000)]);
      await put(at, value);
      expect((await store.get(at))?.equals(value)).toBe(true);
    });

    test('keeps an empty value apart from none', async () => {
      const at = key();
      await put(at, '');
      expect(await store.get(at)).toEqual(Buffer.alloc(0));
    });

    test('keeps its value when the buffer given or got is changed afterwards', async () => {
      const at = key();
      const given = bytes('kept');
      await store.commit([], [{ key: at, value: given, ttlMs: 60_000 }]);
      given.fill(0);
      (await store.get(at))?.fill(0);
      expect(await store.get(at)).toEqual(bytes('kept'));
    });

    test('reads many keys in the order asked for', async () => {
      const browserId = randomUUID();
      const [a, b, c] = ['a', 'b', 'c'].map((each) => key(each, browserId)) as [string, string, string];
      await put(a, 'A');
      await put(c, 'C');
      expect(await store.getMany([c, b, a, c])).toEqual([bytes('C'), undefined, bytes('A'), bytes('C')]);
      expect(await store.getMany([a])).toEqual([bytes('A')]);
      expect(await store.getMany([])).toEqual([]);
    });

    test('recalls what was written last, also when asked again and again', async () => {
      const browserId = randomUUID();
      const [a, b] = [key('a', browserId), key('b', browserId)];
      for (const value of ['1', '2', '3']) {
        await put(a, value);
        for (let call = 0; call < 3; call += 1) expect(await store.recall([b, a])).toEqual([undefined, bytes(value)]);
      }
      await put(b, 'B');
      expect(await store.recall([b, a])).toEqual([bytes('B'), bytes('3')]);
      await store.commit([], [{ key: a, delete: true }]);
      expect(await store.recall([b, a])).toEqual([bytes('B'), undefined]);
    });

    test('forgets a value when its lifetime is over', async () => {
      const at = key();
      await put(at, 'short', 30);
      await eventually(async () => (await store.get(at)) === undefined);
      expect(await store.commit([{ key: at, exists: false }], [])).toBe(true);
    });

    test('prolongs and shortens a lifetime without touching the value', async () => {
      const [short, long] = [key(), key()];
      await put(short, 'short', 60_000);
      await put(long, 'long', 40);
      await store.commit([], [{ key: long, ttlMs: 60_000 }]);
      await store.commit([], [{ key: short, ttlMs: 40 }]);
      await eventually(async () => (await store.get(short)) === undefined);
      expect(await store.get(long)).toEqual(bytes('long'));
    });

    test('does not bring a key to life by prolonging it', async () => {
      const at = key();
      expect(await store.commit([], [{ key: at, ttlMs: 60_000 }])).toBe(true);
      expect(await store.get(at)).toBeUndefined();
    });

    test('a value that is written anew gets its own lifetime', async () => {
      const at = key();
      await put(at, 'first', 40);
      await put(at, 'second', 60_000);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(await store.get(at)).toEqual(bytes('second'));
    });

    test('deletes a key, also one that is not there', async () => {
      const at = key();
      await put(at, 'x');
      expect(await store.commit([], [{ key: at, delete: true }])).toBe(true);
      expect(await store.commit([], [{ key: at, delete: true }])).toBe(true);
      expect(await store.get(at)).toBeUndefined();
    });

    test.each([
      ['equals, and it does', { equals: bytes('owner-1:body') }, true],
      ['equals, and it is longer', { equals: bytes('owner-1:bod') }, false],
      ['equals, and it differs', { equals: bytes('owner-2:body') }, false],
      ['begins with, and it does', { startsWith: bytes('owner-1:') }, true],
      ['begins with everything', { startsWith: bytes('owner-1:body') }, true],
      ['begins with more than there is', { startsWith: bytes('owner-1:body+') }, false],
      ['begins with, and it does not', { startsWith: bytes('wner-1') }, false],
      ['exists', { exists: true }, true],
      ['does not exist', { exists: false }, false],
    ])('a commit goes by its guard: the value %s', async (_, guard, expected) => {
      const at = key();
      await put(at, 'owner-1:body');
      expect(await store.commit([{ key: at, ...guard }], [{ key: at, value: bytes('new'), ttlMs: 60_000 }])).toBe(
        expected,
      );
      expect(await store.get(at)).toEqual(bytes(expected ? 'new' : 'owner-1:body'));
    });

    test.each([
      ['equals nothing', { equals: Buffer.alloc(0) }, false],
      ['begins with nothing', { startsWith: Buffer.alloc(0) }, false],
      ['exists', { exists: true }, false],
      ['does not exist', { exists: false }, true],
    ])('a commit goes by its guard on a missing key: it %s', async (_, guard, expected) => {
      expect(await store.commit([{ key: key(), ...guard }], [])).toBe(expected);
    });

    test('compares binary values exactly', async () => {
      const at = key();
      const value = Buffer.from([0, 255, 10, 13, 0, 128]);
      await put(at, value);
      expect(await store.commit([{ key: at, equals: Buffer.from([0, 255, 10, 13, 0, 129]) }], [])).toBe(false);
      expect(
        await store.commit(
          [
            { key: at, startsWith: value.subarray(0, 2) },
            { key: at, equals: value },
          ],
          [],
        ),
      ).toBe(true);
    });

    test('makes every write or none', async () => {
      const browserId = randomUUID();
      const [a, b, c] = ['a', 'b', 'c'].map((each) => key(each, browserId)) as [string, string, string];
      await put(a, 'A');
      const writes = [
        { key: a, delete: true as const },
        { key: b, value: bytes('B'), ttlMs: 60_000 },
        { key: c, value: bytes('C'), ttlMs: 60_000 },
      ];
      expect(
        await store.commit(
          [
            { key: a, exists: true },
            { key: b, exists: true },
          ],
          writes,
        ),
      ).toBe(false);
      expect(await store.getMany([a, b, c])).toEqual([bytes('A'), undefined, undefined]);
      expect(
        await store.commit(
          [
            { key: a, exists: true },
            { key: b, exists: false },
          ],
          writes,
        ),
      ).toBe(true);
      expect(await store.getMany([a, b, c])).toEqual([undefined, bytes('B'), bytes('C')]);
    });

    test('lets exactly one of fifty commits at the same time win', async () => {
      const at = key();
      await put(at, 'free');
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          store.commit(
            [{ key: at, equals: bytes('free') }],
            [{ key: at, value: bytes(`taken-${index}`), ttlMs: 60_000 }],
          ),
        ),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await store.get(at)).toEqual(bytes(`taken-${answers.indexOf(true)}`));
    });

    test('counts up within a window that the first step opens', async () => {
      const at = key('count');
      const first = await store.increment(at, 60_000);
      const second = await store.increment(at, 1);
      expect([first.count, second.count]).toEqual([1, 2]);
      expect(second.resetMs).toBeGreaterThan(50_000);
      expect(first.resetMs).toBeLessThanOrEqual(60_000);
    });

    test('counts from one again when the window is over', async () => {
      const at = key('count');
      await store.increment(at, 40);
      await eventually(async () => (await store.increment(at, 40)).count === 1);
    });

    test('loses none of fifty steps at the same time', async () => {
      const at = key('count');
      const answers = await Promise.all(Array.from({ length: 50 }, () => store.increment(at, 60_000)));
      expect(answers.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, i) => i + 1),
      );
    });

    test('starts a counter where something else was', async () => {
      const at = key('count');
      await put(at, 'not a number');
      expect(await store.increment(at, 60_000)).toEqual({ count: 1, resetMs: 60_000 });
    });

    test.each([0, -1, 1.5, NaN, Infinity])('refuses %p as a lifetime', async (ttlMs) => {
      const at = key();
      await expect(store.commit([], [{ key: at, value: bytes('x'), ttlMs }])).rejects.toThrow(RangeError);
      await expect(store.commit([], [{ key: at, ttlMs }])).rejects.toThrow(RangeError);
      await expect(store.increment(at, ttlMs)).rejects.toThrow(RangeError);
      expect(await store.get(at)).toBeUndefined();
    });

    test('refuses a call on the keys of two browsers', async () => {
      await expect(store.getMany([key(), key()])).rejects.toThrow(RangeError);
      await expect(store.commit([{ key: key(), exists: false }], [{ key: key(), delete: true }])).rejects.toThrow(
        RangeError,
      );
    });

    test('refuses to write a key twice in one commit', async () => {
      const at = key();
      const write = { key: at, value: bytes('x'), ttlMs: 60_000 };
      await expect(store.commit([], [write, { key: at, delete: true }])).rejects.toThrow(RangeError);
    });

    test('answers a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });
  });
}
