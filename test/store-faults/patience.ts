import { expect } from '@jest/globals';
import { longest, type Seen } from './load.js';

/** Nobody was told anything but 200 and 503, late, or with a cookie; some were told 503, unless `fails` is false. */
export function expectPatience(seen: readonly Seen[], fails = true): void {
  expect([...new Set(seen.map(({ status, code = '' }) => `${status} ${code}`.trim()))].sort()).toEqual([
    '200',
    ...(fails ? ['503 store_unavailable'] : []),
  ]);
  expect(longest(seen)).toBeLessThan(2000);
  expect(seen.flatMap(({ setCookies }) => setCookies)).toEqual([]);
  const refused = seen.filter(({ status }) => status === 503);
  expect(refused.every(({ retryAfter }) => Number(retryAfter) >= 1)).toBe(true);
}
