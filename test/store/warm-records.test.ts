import { beforeEach, expect, test } from '@jest/globals';
import { createWarmRecords, type WarmRecords } from '../../src/store/warm/records.js';

let time: number;
let records: WarmRecords;
beforeEach(() => {
  time = 0;
  records = createWarmRecords({ maxAgeMs: 100, maxEntries: 3, clock: () => time });
});

const value = Buffer.from('value');

function keep(...keys: string[]): void {
  records.finish(
    records.begin(keys),
    keys.map(() => value),
  );
}

test('what was read is recalled, all or nothing', () => {
  keep('a');
  expect(records.recall(['a'])).toEqual([value]);
  expect(records.recall(['a', 'b'])).toBeUndefined();
});

test('a value that changed is forgotten, the others stay', () => {
  keep('a', 'b');
  records.changed(['a']);
  expect(records.recall(['a'])).toBeUndefined();
  expect(records.recall(['b'])).toEqual([value]);
});

test('everything is forgotten when anything may have changed', () => {
  keep('a', 'b');
  records.changed();
  expect(records.recall(['a'])).toBeUndefined();
  expect(records.recall(['b'])).toBeUndefined();
});

test('an answer that a change overtook is not kept', () => {
  const reading = records.begin(['a', 'b']);
  records.changed(['b']);
  records.finish(reading, [value, value]);
  expect(records.recall(['a'])).toBeUndefined();
  expect(records.recall(['b'])).toBeUndefined();
});

test('an answer during which the channel was lost is not kept', () => {
  const reading = records.begin(['a']);
  records.changed();
  records.finish(reading, [value]);
  expect(records.recall(['a'])).toBeUndefined();
});

test('a change of another key spoils no reading', () => {
  const reading = records.begin(['a']);
  records.changed(['b']);
  records.finish(reading, [value]);
  expect(records.recall(['a'])).toEqual([value]);
});

test('a key without a value is not remembered, and takes an older value along', () => {
  keep('a');
  records.finish(records.begin(['a']), [undefined]);
  expect(records.recall(['a'])).toBeUndefined();
});

test('a value is read anew when it is too old', () => {
  keep('a');
  time = 100;
  expect(records.recall(['a'])).toEqual([value]);
  time = 101;
  expect(records.recall(['a'])).toBeUndefined();
});

test('the oldest value goes when there are too many', () => {
  keep('a');
  keep('b', 'c', 'd');
  expect(records.recall(['a'])).toBeUndefined();
  expect(records.recall(['b', 'c', 'd'])).toHaveLength(3);
});
